import { randomBytes } from 'node:crypto';

import { hash, verify } from '@node-rs/argon2';

import { createBulkhead } from '../bulkhead.ts';

/** OWASP Password Storage Cheat Sheet: argon2id (the library's default) with 19 MiB, 2 passes, 1 lane. */
const ARGON2_OPTIONS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Hashing shares libuv's four threads with token verification, which waits behind it. */
const MAX_CONCURRENT = 2;
const MAX_WAITING = 100;
const MAX_WAIT_MS = 10_000;

/** Costs as much to verify as a real hash, and no password is known to match it. */
const DECOY_HASH = (() => {
  const { memoryCost, timeCost, parallelism } = ARGON2_OPTIONS;
  const [salt, digest] = [randomBytes(16), randomBytes(32)].map((bytes) =>
    bytes.toString('base64').replaceAll('=', ''),
  );
  return `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$${salt}$${digest}`;
})();

/** Hashes passwords with a bounded share of the machine; beyond it throws unavailable. */
export interface PasswordHasher {
  hash(password: string): Promise<string>;
  /** Takes as long without a hash as with one, so that timing does not tell which accounts exist. */
  verify(passwordHash: string | null | undefined, password: string): Promise<boolean>;
}

/** The library, or what a test puts in its place. */
interface Argon2 {
  hash(password: string, options: typeof ARGON2_OPTIONS): Promise<string>;
  verify(passwordHash: string, password: string): Promise<boolean>;
}

export function createPasswordHasher(argon2: Argon2 = { hash, verify }): PasswordHasher {
  const bounded = createBulkhead({
    concurrent: MAX_CONCURRENT,
    waiting: MAX_WAITING,
    maxWaitMs: MAX_WAIT_MS,
    message: 'too many passwords are waiting to be hashed',
  });
  return {
    hash: async (password) => await bounded(async () => await argon2.hash(password, ARGON2_OPTIONS)),
    verify: async (passwordHash, password) => {
      const against = passwordHash ?? DECOY_HASH;
      const matches = await bounded(async () => await argon2.verify(against, password));
      return matches && typeof passwordHash === 'string';
    },
  };
}
