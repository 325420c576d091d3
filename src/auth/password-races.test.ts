import { v7 as uuidv7 } from 'uuid';
import { beforeAll, describe, expect, it } from 'vitest';

import { openTestStore } from '../../test/harness/database.ts';
import { testConfig } from '../../test/harness/test-config.ts';
import type { Database, Statement } from '../db/index.ts';
import { type Auth, createAuth } from './auth.ts';
import { changePassword } from './change-password.ts';
import { logIn } from './log-in.ts';
import type { PasswordHasher } from './password-hasher.ts';
import { openRefreshToken } from './refresh-token.ts';
import { register } from './register.ts';

/** Hashes in no time, so that what happens around the hashing meets. */
const quickPasswords: PasswordHasher = {
  hash: async (password) => await Promise.resolve(`${uuidv7()} ${password}`),
  verify: async (hash, password) => await Promise.resolve(hash?.slice(37) === password),
};

const liveSessions: Statement = {
  name: 'test_live_sessions',
  text: 'SELECT id FROM sessions WHERE user_id = $1 AND revoked_at IS NULL',
};

describe('a log-in and a change of the password at once', () => {
  let db: Database;
  let auth: Auth;

  beforeAll(async () => {
    db = await openTestStore('postgres');
    auth = { ...createAuth({ db, config: testConfig(), clock: Date.now }), passwords: quickPasswords };
  });

  const newAccount = async () => {
    const credentials = {
      username: uuidv7().slice(-12),
      password: 'old password',
      userAgent: undefined,
    };
    const { user, refreshToken } = await register(auth, credentials);
    const { sessionId } = openRefreshToken(refreshToken, auth.refreshSecrets) ?? {};
    return {
      credentials,
      player: { kind: 'player', userId: user.id, sessionId, role: 'player' } as const,
    };
  };

  it('leave no session of the old password, in sixty rounds of six log-ins', async () => {
    for (let round = 0; round < 60; round += 1) {
      const { credentials, player } = await newAccount();
      const change = { currentPassword: 'old password', newPassword: 'new password' };
      const logIns = Array.from({ length: 6 }, async () => await logIn(auth, credentials));
      const work = [...logIns.slice(0, 3), changePassword(auth, player, change), ...logIns.slice(3)];
      const results = await Promise.allSettled(work);
      expect(results[3]?.status).toBe('fulfilled');
      expect(await db.run(liveSessions, [player.userId])).toEqual([{ id: player.sessionId }]);
    }
  });

  it('let one of ten changes win', async () => {
    const { credentials, player } = await newAccount();
    const passwords = Array.from({ length: 10 }, (_, n) => `new password ${n}`);
    const change = async (newPassword: string) =>
      await changePassword(auth, player, { currentPassword: 'old password', newPassword });
    const results = await Promise.allSettled(passwords.map(change));
    const winners = passwords.filter((_, n) => results[n]?.status === 'fulfilled');
    expect(winners).toHaveLength(1);
    for (const result of results.filter(({ status }) => status === 'rejected'))
      expect(result).toMatchObject({ reason: { code: 'invalid_credentials' } });
    const { user } = await logIn(auth, { ...credentials, password: winners[0] ?? '' });
    expect(user.id).toBe(player.userId);
  });
});
