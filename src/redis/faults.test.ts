import { setTimeout as pause } from 'node:timers/promises';

import { describe, expect, test } from 'vitest';

import {
  collectLog,
  connectBy,
  patient,
  startOwnRedis,
  transports,
} from '../../test/harness/redis-clients.ts';
import { startTcpProxy } from '../../test/harness/tcp-proxy.ts';
import { until } from '../../test/harness/until.ts';
import { type RedisCalls, type RedisHealth, RedisRefused, RedisUnavailable } from './index.ts';

const BACK_MS = 2000;
/** Over the limit that is tested, for a machine that does other things too. */
const SLACK_MS = 100;
const SERVER_SLACK_MS = 1000;

const write = { name: 'write', text: "return redis.call('SET', KEYS[1], 'value')", sha1: '0'.repeat(40) };

async function usable({ health }: { health: RedisHealth }): Promise<void> {
  await until('Redis is usable', () => health.usable, { timeoutMs: BACK_MS + SERVER_SLACK_MS });
}

async function unusable({ health }: { health: RedisHealth }): Promise<void> {
  await until('Redis is not usable', () => !health.usable);
}

async function outlast(ms: number): Promise<void> {
  const beganAt = performance.now();
  await until(`the fault has lasted ${ms} ms`, () => performance.now() - beganAt > ms);
}

async function failureOf(call: () => Promise<unknown>): Promise<unknown> {
  return await call().then(
    (reply) => new Error(`it was answered ${String(reply)}`),
    (error: unknown) => error,
  );
}

/** By timers of this process, in halves as the deadline is, so that it does not count when it was kept from running. */
async function expectUnavailable(calls: RedisCalls, { withinMs }: { withinMs: number }): Promise<void> {
  const failure = failureOf(async () => await calls.commands.get('key'));
  const halfMs = (withinMs + SLACK_MS) / 2;
  const late = pause(halfMs).then(async () => {
    await pause(halfMs);
    for (const _ of [1, 2]) await new Promise(setImmediate);
    return `not within ${withinMs} ms`;
  });
  expect(await Promise.race([failure, late])).toBeInstanceOf(RedisUnavailable);
}

describe.each(transports)('over %s', (kind) => {
  test('a frozen server costs 150 ms thrice, then nothing, and is used within 2 s of its return', async () => {
    const server = await startOwnRedis();
    const { log, lines } = collectLog();
    const redis = await connectBy(kind, server.url, log);
    await usable(redis);
    const before = lines.length;
    server.freeze();
    for (const _ of [1, 2, 3]) await expectUnavailable(redis, { withinMs: 150 });
    expect(redis.health.usable).toBe(false);
    await expectUnavailable(redis, { withinMs: 0 });
    await outlast(2500);
    server.thaw();
    await usable(redis);
    await patient(redis).commands.set('key', 'value');
    expect(lines.slice(before).map(({ msg }) => msg)).toEqual(['Redis is not used', 'Redis is used']);
  });

  test('nothing is sent while the breaker is open', async () => {
    const server = await startOwnRedis();
    const redis = await connectBy(kind, server.url);
    await usable(redis);
    await server.pauseClients(1000);
    for (const _ of [1, 2, 3]) await expectUnavailable(redis, { withinMs: 150 });
    const brokenAt = performance.now();
    while (performance.now() - brokenAt < 700) await failureOf(async () => await redis.commands.incr('late'));
    await usable(redis);
    expect(performance.now() - brokenAt).toBeGreaterThan(990);
    expect(await patient(redis).commands.get('late')).toBeNull();
  });

  test('a restarted server, empty or not, is used within 2 s', async () => {
    const server = await startOwnRedis();
    const changes: boolean[] = [];
    const redis = await connectBy(kind, server.url);
    redis.health.onChange((usable) => changes.push(usable));
    await usable(redis);
    await patient(redis).commands.set('key', 'value');
    await server.crash();
    for (const _ of [1, 2, 3]) await expectUnavailable(redis, { withinMs: 150 });
    await unusable(redis);
    await server.start();
    await usable(redis);
    expect(await patient(redis).commands.get('key')).toBeNull();
    expect(changes).toEqual([true, false, true]);
  });

  test('a server that comes later is used then', async () => {
    const server = await startOwnRedis();
    await server.stop();
    const redis = await connectBy(kind, server.url);
    expect(redis.health.usable).toBe(false);
    await expectUnavailable(redis, { withinMs: 0 });
    await server.start();
    await usable(redis);
  });

  test('a full server refuses writes and answers reads', async () => {
    const server = await startOwnRedis();
    const redis = await connectBy(kind, server.url);
    await usable(redis);
    await server.setMaxMemory(1);
    const writes = [
      async () => await patient(redis).commands.set('key', 'value'),
      async () => await patient(redis).run(write, ['key'], []),
      async () => await patient(redis).commands.pipeline().get('key').set('key', 'value').exec(),
    ];
    for (const call of writes) {
      const error = await failureOf(call);
      expect(error).toBeInstanceOf(RedisRefused);
      expect(error).toHaveProperty('code', 'OOM');
    }
    expect(await patient(redis).commands.get('key')).toBeNull();
    expect(redis.health.usable).toBe(true);
  });

  test('close rejects what is pending and what comes later', async () => {
    const server = await startOwnRedis();
    const redis = await connectBy(kind, server.url);
    await usable(redis);
    server.freeze();
    const calls = redis.within({ commandMs: 60_000 });
    const pending = [calls.commands.get('key'), calls.run({ name: '', text: '', sha1: '' }, [], [])];
    const failures = pending.map(async (call) => await failureOf(async () => await call));
    await redis.close();
    for (const error of await Promise.all(failures)) expect(error).toBeInstanceOf(RedisUnavailable);
    await expectUnavailable(redis, { withinMs: 0 });
    await redis.close();
  });

  test('limits hold for all calls of a request, and for patient work', async () => {
    const server = await startOwnRedis();
    const redis = await connectBy(kind, server.url);
    await usable(redis);
    const request = redis.within({ totalMs: 200 });
    await server.pauseClients(500);
    const increment = patient(redis).commands.incr('patient');
    await expectUnavailable(request, { withinMs: 150 });
    await expectUnavailable(request, { withinMs: 50 });
    await expectUnavailable(request, { withinMs: 0 });
    expect(await increment).toBe(1);
    expect(redis.health.usable).toBe(true);
  });

  test('no more than 10,000 commands wait', async () => {
    const server = await startOwnRedis();
    const redis = await connectBy(kind, server.url);
    await usable(redis);
    server.freeze();
    const fill = (count: number) => {
      const pipeline = redis.within({ commandMs: 60_000 }).commands.pipeline();
      for (let i = 0; i < count; i += 1) pipeline.incr('key');
      return pipeline.exec();
    };
    const full = failureOf(async () => await fill(9_999));
    const refused = await failureOf(async () => await fill(2));
    expect(refused).toEqual(new RedisUnavailable('too many commands are in flight'));
    await redis.close();
    expect(await full).toBeInstanceOf(RedisUnavailable);
  });
});

test('a process that was late itself gives Redis half of the time again', async () => {
  const server = await startOwnRedis();
  const redis = await connectBy('resp', server.url);
  await usable(redis);
  await server.pauseClients(1250);
  const answer = redis.within({ commandMs: 1000 }).commands.get('key');
  const busyUntil = performance.now() + 1050;
  while (performance.now() < busyUntil);
  expect(await answer).toBeNull();
});

test('an answer that came in time counts, however late this process reads it', async () => {
  const redis = await connectBy('resp', (await startOwnRedis()).url);
  await usable(redis);
  await patient(redis).commands.set('key', 'value');
  const answers = [1, 2, 3].map(async () => await redis.commands.get('key'));
  // node-redis sends in the next turn.
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  const busyUntil = performance.now() + 200;
  while (performance.now() < busyUntil);
  expect(await Promise.all(answers)).toEqual(['value', 'value', 'value']);
});

test('a demoted primary is left, and used when it is a primary again', async () => {
  const server = await startOwnRedis();
  const { log, lines } = collectLog();
  const redis = await connectBy('resp', server.url, log);
  await usable(redis);
  const before = lines.length;
  await server.makeReadOnlyReplica();
  const error = await failureOf(async () => await patient(redis).run(write, ['key'], []));
  expect(error).toMatchObject({ name: 'RedisRefused', code: 'READONLY' });
  await unusable(redis);
  await expectUnavailable(redis, { withinMs: 0 });
  await server.makePrimary();
  await usable(redis);
  expect(await patient(redis).commands.set('key', 'value')).toBe('OK');
  expect(lines.slice(before).map(({ msg }) => msg)).toEqual(['Redis is not used', 'Redis is used']);
});

test('a server that a script keeps busy is absent until the script ends', async () => {
  const server = await startOwnRedis();
  const redis = await connectBy('resp', server.url);
  await usable(redis);
  await server.ask('CONFIG', 'SET', 'lua-time-limit', '50');
  const endless = failureOf(async () => await server.ask('EVAL', 'while true do end', '0'));
  await until('the server is busy', async () =>
    String(await failureOf(async () => await server.ask('PING'))).includes('BUSY'),
  );
  for (const _ of [1, 2, 3]) await expectUnavailable(redis, { withinMs: 150 });
  expect(redis.health.usable).toBe(false);
  await server.ask('SCRIPT', 'KILL');
  expect(String(await endless)).toContain('killed');
  await usable(redis);
});

test('a connection into silence is given up, and so are attempts that meet it', async () => {
  const server = await startOwnRedis();
  const proxy = await startTcpProxy(server.url);
  const redis = await connectBy('resp', proxy.url);
  await usable(redis);
  await proxy.swallow();
  for (const _ of [1, 2, 3]) await expectUnavailable(redis, { withinMs: 150 });
  await outlast(1500);
  await proxy.restore();
  await usable(redis);
  expect(await patient(redis).commands.ping()).toBe('PONG');
});
