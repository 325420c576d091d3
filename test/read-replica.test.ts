import { randomUUID } from 'node:crypto';

import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import type { Statement } from '../src/db/index.ts';
import type { PageBody } from './harness/play.ts';
import { execute, type ReplicatedService, startReplicatedService } from './harness/replicated-service.ts';
import { testSecrets } from './harness/test-config.ts';
import { until } from './harness/until.ts';

let service: ReplicatedService;

beforeAll(async () => {
  service = await startReplicatedService();
  // It may lag behind what the migrations wrote at first.
  await until('its use is logged', async () => (await service.takeTransitions()).includes('used'));
});

/** Waits for the next lines about the replica; there may be no others. */
async function untilLogged(expected: readonly unknown[]): Promise<void> {
  const found: unknown[] = [];
  await until(
    `${expected.join()} is logged`,
    async () => found.push(...(await service.takeTransitions())) > 0,
  );
  expect(found).toEqual(expected);
}

const replayState: Statement = {
  name: 'test_replay_state',
  text: 'SELECT pg_get_wal_replay_pause_state() AS state',
};

async function pauseReplay(): Promise<void> {
  const { onReplica } = service.store;
  onTestFinished(resumeReplay);
  await execute(onReplica, 'SELECT pg_wal_replay_pause()');
  await until('replay is paused', async () => {
    const [row] = await onReplica.run<{ state: string }>(replayState, []);
    return row?.state === 'paused';
  });
}

/** Does nothing when it is not paused. */
async function resumeReplay(): Promise<void> {
  await execute(service.store.onReplica, 'SELECT pg_wal_replay_resume()');
  await service.untilReplicaIs('used');
}

describe('while replay stands still', () => {
  it('anonymous reads show the replica for 2 s at the most, and "me" always the newest', async () => {
    const player = await service.insertPlayer();
    await service.score(player, 40);
    const scored: Statement = { name: 'test_scored', text: 'SELECT FROM scores WHERE user_id = $1' };
    await until('the score is on the replica', async () => {
      return (await service.store.onReplica.run(scored, [player.userId])).length;
    });
    await pauseReplay();
    const pausedAt = performance.now();
    await service.score(player, 60);
    expect(await service.totalOf(player)).toBe(40);
    const { body } = await service.get<PageBody>('/v1/leaderboards/global');
    expect(body.entries[0]).toMatchObject({ user_id: player.userId, total_score: 40 });
    const own = await service.get('/v1/leaderboards/global/users/me', player.accessToken);
    expect(own).toMatchObject({ status: 200, body: { entry: { total_score: 100 } } });

    await until('the primary is read', async () => (await service.totalOf(player)) === 100);
    expect(performance.now() - pausedAt).toBeLessThan(2500);
    await untilLogged(['lagging']);
    await resumeReplay();
    await untilLogged(['used']);
    expect(await service.totalOf(player)).toBe(100);
  });

  it('what was just made is found, and what was not is missing', async () => {
    await pauseReplay();
    const board = `board-${randomUUID()}`;
    const title = { title: 'New' };
    const made = await service.put(`/v1/admin/leaderboards/${board}`, testSecrets.ADMIN_API_KEY, title);
    expect(made).toMatchObject({ status: 201 });
    const player = await service.insertPlayer();
    const page = await service.get(`/v1/leaderboards/${board}`);
    expect(page).toMatchObject({ status: 200, body: { total_players: 0 } });
    const position = `/v1/leaderboards/${board}/users/${player.userId}`;
    expect(await service.get(position)).toMatchObject({ status: 404, body: { code: 'not_ranked' } });
    await service.score(player, 7, board);
    expect(await service.get(position)).toMatchObject({ status: 200, body: { entry: { total_score: 7 } } });
    expect(await service.get('/v1/leaderboards/nowhere')).toMatchObject({ status: 404 });
    expect(await service.takeTransitions()).toEqual([]);
  });
});

it('an idle primary does not make the replica look stale', async () => {
  const end: Statement = { name: 'test_end', text: 'SELECT pg_current_wal_insert_lsn()::text AS lsn' };
  await service.takeTransitions();
  let last = { lsn: '', since: performance.now() };
  await until('nothing was written for 2.2 s', async () => {
    const [row] = await service.store.onPrimary.run<{ lsn: string }>(end, []);
    if (row?.lsn !== last.lsn) last = { lsn: row?.lsn ?? '', since: performance.now() };
    return performance.now() - last.since > 2200;
  });
  await service.untilReplicaIs('used');
  expect(await service.takeTransitions()).toEqual([]);
});

it('a replica that lost its primary is left alone once the primary moves on', async () => {
  const { onReplica, primary } = service.store;
  const follow = async (conninfo: string) => {
    await execute(onReplica, `ALTER SYSTEM SET primary_conninfo = '${conninfo}'`);
    await execute(onReplica, 'SELECT pg_reload_conf()');
  };
  await follow('');
  const receivers: Statement = { name: 'test_receivers', text: 'SELECT FROM pg_stat_wal_receiver' };
  await until('it receives nothing', async () => (await onReplica.run(receivers, [])).length === 0);
  const player = await service.insertPlayer();
  await service.score(player, 1);
  await service.untilReplicaIs('not_used');
  expect(await service.totalOf(player)).toBe(1);
  await follow(`host=127.0.0.1 port=${primary.port} user=postgres`);
  await service.untilReplicaIs('used');
});
