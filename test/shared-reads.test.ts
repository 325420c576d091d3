import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

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

  /** By one write on one connection, so that the service has all of them at once however busy the machine is. */
  async function readTogether(): Promise<string> {
    const socket = connect(Number(new URL(nth(fleet.processes, 0).url).port), '127.0.0.1');
    const request = 'GET /v1/leaderboards/global HTTP/1.1\r\nHost: localhost\r\n';
    socket.write(`${`${request}\r\n`.repeat(READERS - 1)}${request}Connection: close\r\n\r\n`);
    return await text(socket);
  }

  async function countScripts(): Promise<number> {
    const told = String(await server.ask('INFO', 'commandstats'));
    return Number(/cmdstat_evalsha:calls=(\d+)/.exec(told)?.[1] ?? 0);
  }

  it('share it when they come together', async () => {
    const before = await countScripts();
    const answers = await readTogether();
    expect(answers.match(/^X-Leaderboard-Source: redis\r$/gim)).toHaveLength(READERS);
    expect((await countScripts()) - before).toBeLessThan(READERS / 10);
  });
});
