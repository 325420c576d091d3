import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';

import pg from 'pg';
import { describe, expect, inject, onTestFinished, test } from 'vitest';

import { createTestDatabase } from './database.ts';
import { createTestRedis } from './redis.ts';
import { connectBy } from './redis-clients.ts';
import { createDatabase, dropDatabase } from './test-databases.ts';
import { until } from './until.ts';

describe('test databases', () => {
  test.each(['laurel', 'postgres', 'laurel_test_', 'test'])('are never named %s', async (name) => {
    const { adminUrl } = inject('databases');
    await expect(createDatabase(adminUrl, name)).rejects.toThrow('does not end in _test');
    await expect(dropDatabase(adminUrl, name)).rejects.toThrow('does not end in _test');
  });

  test('share nothing', async () => {
    const databases = await Promise.all([createTestDatabase(), createTestDatabase()]);
    const [one, other] = databases.map(({ url }) => new pg.Client(url));
    await one?.connect();
    await other?.connect();
    await one?.query("INSERT INTO leaderboards (id, title) VALUES ('mine', 'Mine')");
    expect((await other?.query("SELECT FROM leaderboards WHERE id = 'mine'"))?.rows).toEqual([]);
    await one?.end();
    await other?.end();
  });
});

test('a private server and its files are gone after the run that started it was killed', async () => {
  const script = `
    import { startPostgresServer } from '${new URL('postgres-server.ts', import.meta.url).href}';
    const server = await startPostgresServer();
    process.stdout.write(server.addFile('mark', '') + ' ' + server.url('postgres'));`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script]);
  onTestFinished(() => void child.kill('SIGKILL'));
  const [output] = await once(child.stdout, 'data');
  const [mark = '', url = ''] = String(output).split(' ');
  expect(existsSync(mark)).toBe(true);
  child.kill('SIGKILL');
  await until('its files are gone', () => !existsSync(mark));
  await expect(new pg.Client(url).connect()).rejects.toThrow('ECONNREFUSED');
});

test('a private Redis is gone after the run that started it was killed', async () => {
  const script = `
    import { startRedisServer } from '${new URL('redis-server.ts', import.meta.url).href}';
    process.stdout.write((await startRedisServer()).url);
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script]);
  onTestFinished(() => void child.kill('SIGKILL'));
  const [output] = await once(child.stdout, 'data');
  const { port } = new URL(String(output));
  expect(await isListening(Number(port))).toBe(true);
  child.kill('SIGKILL');
  await until('nobody listens', async () => !(await isListening(Number(port))));
});

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  return await once(socket, 'connect').then(
    () => Boolean(socket.destroy()),
    () => false,
  );
}

describe('test databases of Redis', () => {
  test('are empty, and shared with no other', async () => {
    const [one, other] = [await createTestRedis(), await createTestRedis()];
    expect(new URL(one).pathname).not.toBe(new URL(other).pathname);
    const redis = await connectBy('resp', one);
    await until('Redis is usable', () => redis.health.usable);
    expect(await redis.commands.dbsize()).toBe(0);
  });
});

describe('until', () => {
  test('resolves with what it waited for', async () => {
    let calls = 0;
    expect(await until('the third call', () => (calls += 1) === 3 && 'third')).toBe('third');
  });

  test('rejects after its deadline with the label and the last failure', async () => {
    const waiting = until(
      'the impossible',
      () => {
        throw new Error('not today');
      },
      { timeoutMs: 30 },
    );
    await expect(waiting).rejects.toMatchObject({
      message: 'waited 30 ms in vain until the impossible',
      cause: new Error('not today'),
    });
  });
});
