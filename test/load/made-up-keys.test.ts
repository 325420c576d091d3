import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';

import { connectPostgres } from '../../src/db/index.ts';
import { cleanUp } from '../harness/cleanup.ts';
import { createTestDatabase } from '../harness/database.ts';
import { insertPlayers, signTestAction } from '../harness/players.ts';
import { submitScore } from '../harness/play.ts';
import { startTestService } from '../harness/service.ts';

/** A key's 2 s in line, 2 s for a connection, and the 5 s of a statement. */
const SLOWEST_UNKNOWN_MS = 9000;
/** Many times what the pool holds. */
const FLOOD = 300;

/** A service on PostgreSQL, and a way to keep everybody from the table of keys until the returned function is called. */
async function startLockable() {
  const { url } = await createTestDatabase();
  const db = connectPostgres({ url, poolSize: 10, caFile: undefined, onIdleError: () => {} });
  cleanUp(async () => await db.close());
  const lockKeys = async () => {
    const locker = new pg.Client(url);
    await locker.connect();
    onTestFinished(async () => await locker.end());
    await locker.query('BEGIN; LOCK TABLE api_keys IN ACCESS EXCLUSIVE MODE');
    return async () => void (await locker.query('COMMIT'));
  };
  return { service: await startTestService({ db }), lockKeys };
}

describe('a flood of made-up keys while they cannot be looked up', () => {
  it('keeps no score from being written and no known key from working, and ends in 503', async () => {
    const { service, lockKeys } = await startLockable();
    const [player] = await insertPlayers(service.db, 1);
    if (player === undefined) throw new Error('there is no player');
    const spend = async () => await submitScore(service, player, signTestAction(player.userId), 1);
    const register = async (token: string) =>
      await service.request('/v1/actions', { token, body: { user_id: player.userId, max_score: 1 } });
    expect(await spend()).toMatchObject({ status: 200 });
    expect(await register(service.keys.gameService)).toMatchObject({ status: 201 });
    const unlockKeys = await lockKeys();

    const paths = ['/v1/actions', '/v1/scores', '/v1/admin/api-keys'];
    const flood = Array.from({ length: FLOOD }, async (_, n) => {
      const beganAt = performance.now();
      const path = paths[n % paths.length] ?? '';
      const { status, body } = await service.request<{ code: string }>(path, {
        token: `made-up-${n}`,
        body: {},
      });
      return { status, code: body.code, durationMs: performance.now() - beganAt };
    });
    for (let n = 0; n < 20; n += 1) {
      const beganAt = performance.now();
      expect(await spend()).toMatchObject({ status: 200 });
      expect(await register(service.keys.gameService)).toMatchObject({ status: 201 });
      expect(performance.now() - beganAt).toBeLessThan(1000);
    }

    const answers = await Promise.all(flood);
    expect(new Set(answers.map(({ status, code }) => `${status} ${code}`))).toEqual(
      new Set(['503 unavailable']),
    );
    expect(Math.max(...answers.map(({ durationMs }) => durationMs))).toBeLessThan(SLOWEST_UNKNOWN_MS);
    await unlockKeys();
    expect(await register('made-up')).toMatchObject({ status: 401 });
  });
});
