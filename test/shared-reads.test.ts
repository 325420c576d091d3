import { beforeAll, describe, expect, it } from 'vitest';

import { cleanUp } from './harness/cleanup.ts';
import { type Fleet, nth, spend, startFleet } from './harness/fleet.ts';
import type { PageBody } from './harness/play.ts';
import { type InsertedPlayer, insertPlayers, signTestAction } from './harness/players.ts';
import { type RedisServer, startRedisServer } from './harness/redis-server.ts';
import { until } from './harness/until.ts';

const READERS = 200;
const ROUNDS = 40;

describe('identical reads of the index', () => {
  let server: RedisServer;
  let fleet: Fleet;
  let players: InsertedPlayer[];
  beforeAll(async () => {
    server = await startRedisServer();
    cleanUp(async () => await server.remove());
    fleet = await startFleet(1, { REDIS_URL: server.url, RATE_LIMIT_ENABLED: 'false' });
    players = await insertPlayers(fleet.db, 5);
    await until('the index is read', async () => (await read()).source === 'redis');
  });

  async function read() {
    const response = await fetch(`${nth(fleet.processes, 0).url}/v1/leaderboards/global`);
    expect(response.status).toBe(200);
    return {
      source: response.headers.get('X-Leaderboard-Source'),
      page: (await response.json()) as PageBody,
    };
  }

  async function countScripts(): Promise<number> {
    const told = String(await server.ask('INFO', 'commandstats'));
    return Number(/cmdstat_evalsha:calls=(\d+)/.exec(told)?.[1] ?? 0);
  }

  it('share it when they come together', async () => {
    const before = await countScripts();
    const reads = await Promise.all(Array.from({ length: READERS }, read));
    expect(reads.every(({ source }) => source === 'redis')).toBe(true);
    expect((await countScripts()) - before).toBeLessThan(READERS / 2);
  });

  it('hold every score acknowledged before they were asked for', async () => {
    const [player] = players;
    if (player === undefined) throw new Error('there is a player');
    for (let round = 1; round <= ROUNDS; round += 1) {
      const meanwhile = Promise.all(Array.from({ length: 20 }, read));
      const token = signTestAction(player.userId, { maxScore: 1 });
      const { status, body } = await spend(nth(fleet.processes, 0), player, token, 1);
      expect(status).toBe(200);
      const { page } = await read();
      const [first] = page.entries;
      expect(first?.total_score).toBe(body.total_score);
      await meanwhile;
    }
  });
});
