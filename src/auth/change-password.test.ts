import { randomUUID } from 'node:crypto';

import { sql } from 'drizzle-orm';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { modes } from '../../test/harness/modes.ts';
import { registerPlayer, type TestPlayer } from '../../test/harness/play.ts';
import { startTestService, type TestService } from '../../test/harness/service.ts';
import { until } from '../../test/harness/until.ts';
import { replacePasswordHash } from '../users/index.ts';
import type { TokensView } from './handlers.ts';
import { insertSession, revokeOtherSessions } from './repository.ts';

const insertAccount = {
  name: 'test_insert_account',
  text: 'INSERT INTO users (id, username, password_hash) VALUES ($1, $2, $3)',
};

const countLive = {
  name: 'test_count_live',
  text: 'SELECT count(*) AS live FROM sessions WHERE user_id = $1 AND revoked_at IS NULL',
};

const countWaiting = {
  name: 'test_count_waiting',
  text: `
    SELECT count(*) AS waiting FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'`,
};

const HELD = 1;

/** Lets a test hold a session of the client "held" between the lock on its account and its insertion. */
const holdSessions = [
  `CREATE FUNCTION hold_session() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN PERFORM pg_advisory_xact_lock_shared(${HELD}); RETURN NEW; END $$`,
  `CREATE TRIGGER hold_session BEFORE INSERT ON sessions
   FOR EACH ROW WHEN (NEW.user_agent = 'held') EXECUTE FUNCTION hold_session()`,
].map((text, n) => ({ name: `test_hold_${n}`, text }));

const newPassword = 'battery staple';

describe.each(modes)('changing the password with %s', (mode) => {
  let service: TestService;
  let player: TestPlayer;

  beforeAll(async () => {
    service = await startTestService({ mode });
  });
  beforeEach(async () => {
    player = await registerPlayer(service);
  });

  const change = async (body: object, token = player.accessToken) =>
    await service.request('/v1/users/me/password', { method: 'PUT', token, body });
  const logIn = async (password: string) =>
    await service.request<TokensView>('/v1/auth/login', { body: { username: player.username, password } });
  const profileStatus = async (token: string) => (await service.request('/v1/users/me', { token })).status;
  const refreshStatus = async (refreshToken: string) =>
    (await service.request('/v1/auth/refresh', { body: { refresh_token: refreshToken } })).status;

  it('makes the new one the only one', async () => {
    const { status, text } = await change({ current_password: player.password, new_password: newPassword });
    expect([status, text]).toEqual([204, '']);
    expect(await logIn(player.password)).toMatchObject({
      status: 401,
      body: { code: 'invalid_credentials' },
    });
    expect((await logIn(newPassword)).status).toBe(200);
  });

  it("ends every other session at once, and none of another player's", async () => {
    const stranger = await registerPlayer(service);
    const { body: other } = await logIn(player.password);
    expect(await profileStatus(other.access_token)).toBe(200);
    await change({ current_password: player.password, new_password: newPassword });
    expect(await profileStatus(other.access_token)).toBe(401);
    expect(await refreshStatus(other.refresh_token)).toBe(401);
    expect(await profileStatus(player.accessToken)).toBe(200);
    expect(await refreshStatus(player.refreshToken)).toBe(200);
    expect(await profileStatus(stranger.accessToken)).toBe(200);
  });

  it('is refused with a wrong current password, and changes nothing', async () => {
    const { body: other } = await logIn(player.password);
    const answer = await change({ current_password: 'correct horse', new_password: newPassword });
    expect(answer).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } });
    expect(await profileStatus(other.access_token)).toBe(200);
    expect((await logIn(player.password)).status).toBe(200);
  });

  it('happens once when two ask for it at once', async () => {
    const answers = await Promise.all(
      ['battery staple 1', 'battery staple 2'].map(
        async (next) => await change({ current_password: player.password, new_password: next }),
      ),
    );
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([204, 401]);
    const winner = answers.findIndex(({ status }) => status === 204) + 1;
    expect((await logIn(`battery staple ${winner}`)).status).toBe(200);
    expect((await logIn(`battery staple ${3 - winner}`)).status).toBe(401);
  });

  it('ends the sessions of those who log in with the old one meanwhile', async () => {
    const logIns = Array.from({ length: 6 }, async () => await logIn(player.password));
    const [changed, ...began] = await Promise.all([
      change({ current_password: player.password, new_password: newPassword }),
      ...logIns,
    ]);
    expect(changed.status).toBe(204);
    for (const { status, body } of began) {
      const after = status === 200 ? await refreshStatus(body.refresh_token) : status;
      expect(after).toBe(401);
    }
  });

  it.each([
    ['a new password of 7 characters', { new_password: '1234567' }, 'new_password'],
    ['a new password of 129 characters', { new_password: 'x'.repeat(129) }, 'new_password'],
    ['a new password with a lone surrogate', { new_password: 'battery\uDC00staple' }, 'new_password'],
    ['no new password', { new_password: undefined }, 'new_password'],
    ['a current password of 129 characters', { current_password: 'x'.repeat(129) }, 'current_password'],
    ['no current password', { current_password: undefined }, 'current_password'],
    ['an unknown field', { username: 'kim' }, 'body'],
  ])('refuses %s', async (_name, spoilt, path) => {
    const answer = await change({
      current_password: player.password,
      new_password: newPassword,
      ...spoilt,
    });
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request', errors: [{ path }] } });
  });

  it('is for players only', async () => {
    const body = { current_password: player.password, new_password: newPassword };
    expect(await change(body, service.keys.operator)).toMatchObject({ status: 403 });
    expect(await change(body, 'nobody')).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
  });
});

/** What the verbs do around their hashing, which takes most of their time and would keep the two apart. */
describe('a session that begins with a password', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService();
    for (const statement of holdSessions) await service.db.run(statement, []);
  });

  const newAccount = async () => {
    const userId = randomUUID();
    await service.db.run(insertAccount, [userId, `race-${userId.slice(0, 8)}`, 'old']);
    return userId;
  };
  const begin = async (userId: string, userAgent?: string) =>
    await insertSession(service.db, { userId, passwordHash: 'old' }, { id: randomUUID(), userAgent });
  const change = async (userId: string, meanwhile = async () => {}) =>
    await service.db.transaction(async (queries) => {
      expect(await replacePasswordHash(queries, userId, { from: 'old', to: 'new' })).toBe(true);
      await meanwhile();
      await revokeOtherSessions(queries, userId, undefined);
    });
  /** Resolves when so many wait for a lock, or `work`, which should be one of them, did not have to. */
  const untilWaiting = async (count: number, work: Promise<unknown>) => {
    const waiting = async () => (await service.db.run<{ waiting: number }>(countWaiting, []))[0]?.waiting;
    await Promise.race([work, until(`${count} wait`, async () => (await waiting()) === count)]);
  };

  it('waits for a change of it that is under way, and then does not begin', async () => {
    const userId = await newAccount();
    let began: Promise<boolean> | undefined;
    await change(userId, async () => {
      began = begin(userId);
      await untilWaiting(1, began);
    });
    expect(await began).toBe(false);
    expect(await service.db.run(countLive, [userId])).toEqual([{ live: 0 }]);
  });

  it('is ended by a change of it that comes while it begins', async () => {
    const userId = await newAccount();
    const held = await service.db.transaction(async (queries) => {
      await queries.orm.execute(sql`SELECT pg_advisory_xact_lock(${HELD})`);
      const began = begin(userId, 'held');
      await untilWaiting(1, began);
      const changed = change(userId);
      await untilWaiting(2, changed);
      return { began, changed };
    });
    expect(await held.began).toBe(true);
    await held.changed;
    expect(await service.db.run(countLive, [userId])).toEqual([{ live: 0 }]);
  });
});
