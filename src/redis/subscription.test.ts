import { describe, expect, onTestFinished, test } from 'vitest';

import {
  collectLog,
  connectBy,
  patient,
  startOwnRedis,
  transports,
} from '../../test/harness/redis-clients.ts';
import { startTcpProxy } from '../../test/harness/tcp-proxy.ts';
import { until } from '../../test/harness/until.ts';
import { startUpstashServer } from '../../test/harness/upstash-server.ts';
import { connectRedis, type RedisClient } from './index.ts';

/** Resolves when it has been ready so many times. */
async function expectReady({ ready }: { ready: () => number }, times: number): Promise<void> {
  await until(`it is ready, ${times} times`, () => ready() >= times);
  expect(ready()).toBe(times);
}

async function subscribe(redis: RedisClient, channel: string) {
  const messages: string[] = [];
  let ready = 0;
  const subscription = await redis.subscribe(channel, {
    onMessage: (message) => messages.push(message),
    onReady: () => (ready += 1),
  });
  return { messages, ready: () => ready, close: async () => await subscription.close() };
}

describe.each(transports)('over %s, a subscription', (kind) => {
  test('gets what is published to its channel, as it is', async () => {
    const redis = await connectBy(kind, (await startOwnRedis()).url);
    const subscription = await subscribe(redis, 'boards:{a b}');
    await expectReady(subscription, 1);
    const sent = ['plain', '42', '{"a":[1,2],"b":"\u{1F3C6}"}', 'a,b: c', ''];
    for (const message of sent) await patient(redis).commands.publish('boards:{a b}', message);
    await patient(redis).commands.publish('boards', 'of others');
    await until('all came', () => subscription.messages.length >= sent.length);
    expect(subscription.messages).toEqual(sent);
  });

  test('waits for Redis, comes back after a restart, and says that it missed something', async () => {
    const server = await startOwnRedis();
    await server.stop();
    const redis = await connectBy(kind, server.url);
    const subscription = await subscribe(redis, 'channel');
    await server.start();
    await expectReady(subscription, 1);
    await server.crash();
    for (const _ of [1, 2, 3]) await redis.commands.get('key').catch(() => {});
    await server.start();
    await expectReady(subscription, 2);
    await patient(redis).commands.publish('channel', 'after');
    await until('it came', () => subscription.messages.length > 0);
    expect(subscription.messages).toEqual(['after']);
  });

  test('gets nothing after it was closed, nor does the server know of it', async () => {
    const server = await startOwnRedis();
    const redis = await connectBy(kind, server.url);
    const subscription = await subscribe(redis, 'channel');
    await expectReady(subscription, 1);
    await subscription.close();
    await until(
      'the server forgot',
      async () => (await patient(redis).commands.publish('channel', 'late')) === 0,
    );
    expect(subscription.messages).toEqual([]);
  });

  test('ends with the client', async () => {
    const server = await startOwnRedis();
    const redis = await connectBy(kind, server.url);
    const subscription = await subscribe(redis, 'channel');
    await expectReady(subscription, 1);
    await redis.close();
    await until('the server forgot', async () => (await server.ask('PUBLISH', 'channel', 'late')) === 0);
  });
});

test('a connection that is cut is made anew', async () => {
  const server = await startOwnRedis();
  const redis = await connectBy('resp', server.url);
  const subscription = await subscribe(redis, 'channel');
  await expectReady(subscription, 1);
  await server.ask('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await expectReady(subscription, 2);
});

test('a connection into silence is noticed without a command', async () => {
  const server = await startOwnRedis();
  const proxy = await startTcpProxy(server.url);
  const redis = await connectBy('resp', proxy.url);
  const subscription = await subscribe(redis, 'channel');
  await expectReady(subscription, 1);
  await proxy.swallow();
  await proxy.restore();
  await expectReady(subscription, 2);
});

test('a stream that ends is opened anew', async () => {
  const server = await startOwnRedis();
  const upstash = await startUpstashServer(server.url);
  const { log } = collectLog();
  const redis = connectRedis(upstash, { log });
  onTestFinished(async () => await redis.close());
  const subscription = await subscribe(redis, 'channel');
  await expectReady(subscription, 1);
  upstash.cut();
  await expectReady(subscription, 2);
});
