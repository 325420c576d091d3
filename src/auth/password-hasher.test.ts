import { verify } from '@node-rs/argon2';
import { describe, expect, it } from 'vitest';

import { createPasswordHasher, type PasswordHasher } from './password-hasher.ts';

async function verifyAtOnce(passwords: PasswordHasher, count: number) {
  const hash = await passwords.hash('correct horse');
  return await Promise.allSettled(
    Array.from({ length: count }, async () => await passwords.verify(hash, 'correct horse')),
  );
}

describe('a password', () => {
  const passwords = createPasswordHasher();

  it('is hashed with argon2id, 19 MiB and 2 passes', async () => {
    expect(await passwords.hash('correct horse')).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it('is salted', async () => {
    expect(await passwords.hash('correct horse')).not.toBe(await passwords.hash('correct horse'));
  });

  it.each(['correct horse', 'ünïcödé ✓ 🐎', 'with\0NUL', ' spaces kept ', 'x'.repeat(128)])(
    'matches itself and nothing else: %j',
    async (password) => {
      const hash = await passwords.hash(password);
      expect(await passwords.verify(hash, password)).toBe(true);
      for (const other of [`${password}x`, password.slice(0, -1), password.toUpperCase(), '']) {
        expect(await passwords.verify(hash, other)).toBe(false);
      }
    },
  );

  it.each([undefined, null])('never matches the hash %s', async (hash) => {
    expect(await passwords.verify(hash, 'correct horse')).toBe(false);
  });
});

describe('an account without a hash', () => {
  it('is verified against one of the same cost, which nothing matches', async () => {
    const verified: string[] = [];
    const argon2 = {
      hash: async () => await Promise.reject(new Error('nothing is hashed here')),
      verify: async (hash: string, password: string) => {
        verified.push(hash);
        expect(await verify(hash, password)).toBe(false);
        return true;
      },
    };
    expect(await createPasswordHasher(argon2).verify(undefined, 'correct horse')).toBe(false);
    const real = await createPasswordHasher().hash('correct horse');
    expect(verified.map(costOf)).toEqual([costOf(real)]);
  });
});

/** Everything of a hash that decides how long it takes: the algorithm, its cost and the lengths of salt and digest. */
function costOf(hash: string) {
  const [, algorithm, version, cost, salt = '', digest = ''] = hash.split('$');
  return [algorithm, version, cost, salt.length, digest.length];
}

describe('hashing', () => {
  it('lets 2 work and 100 wait, refuses the next for a second, and recovers', async () => {
    const passwords = createPasswordHasher();
    const results = await verifyAtOnce(passwords, 104);
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused).toHaveLength(2);
    expect(refused[0]?.reason).toMatchObject({ code: 'unavailable', retryAfterSeconds: 1 });
    expect(results.filter((result) => result.status === 'fulfilled' && result.value)).toHaveLength(102);
    expect(await verifyAtOnce(passwords, 2)).toMatchObject([{ value: true }, { value: true }]);
  });
});
