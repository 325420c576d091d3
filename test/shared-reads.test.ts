import { beforeAll, describe, expect, it } from 'vitest';

import { cleanUp } from './harness/cleanup.ts';
import { type Fleet, nth, startFleet } from './harness/fleet.ts';
import { insertPlayers } from './harness/players.ts';
import { type RedisServer, startRedisServer } from './harness/redis-server.ts';
import { until } from './harness/until.ts';

const READERS = 200;

describe('identical reads of the index', () => {
  let server: RedisServer;
  let fleet: Fleet;
  beforeAll(async () => {
    server = await startRedisServer();
    cleanUp(async () => await server.remove());
    fleet = await startFleet(1, { REDIS_URL: server.url, RATE_LIMIT_ENABLED: 'false' });
    await insertPlayers(fleet.db, 5);
    await until('the index is read', async () => (await readSource()) === 'redis');
  });

  async function readSource(): Promise<string | null> {
    const response = await fetch(`${nth(fleet.processes, 0).url}/v1/leaderboards/global`);
    await response.arrayBuffer();
    return response.headers.get('X-Leaderboard-Source');
  }

  async function countScripts(): Promise<number> {
    const told = String(await server.ask('INFO', 'commandstats'));
    return Number(/cmdstat_evalsha:calls=(\d+)/.exec(told)?.[1] ?? 0);
  }

  it('share it when they come together', async () => {
    const before = await countScripts();
    const sources = await Promise.all(Array.from({ length: READERS }, readSource));
    expect(new Set(sources)).toEqual(new Set(['redis']));
    expect((await countScripts()) - before).toBeLessThan(READERS / 2);
  });
});
