import { describe, expect, test } from 'vitest';

import { createTestRedis } from '../../test/harness/redis.ts';
import { connectBy, patient, startOwnRedis, transports } from '../../test/harness/redis-clients.ts';
import { until } from '../../test/harness/until.ts';
import type { RedisCalls, RedisClient } from '../redis/index.ts';
import { createSeal } from './sealed-state.ts';
import { createSharedStates, REVOKED, type SharedStates } from './shared-states.ts';
import { StateCache } from './state-cache.ts';

interface State {
  readonly role: string;
}

interface StatesOptions {
  readonly name?: string;
  readonly secret?: string;
  readonly clock?: () => number;
}

const STATE_TTL_MS = 4000;
const REVOKED_TTL_MS = 900_000;
const state = { role: 'player' };

/** As one process makes them. */
function createStates(redis: RedisCalls, options: StatesOptions = {}): SharedStates<State> {
  const { name = 'session', secret = 'secret-of-the-tests-0123456789abcdef', clock = Date.now } = options;
  const seal = (ttlMs: number) => createSeal<State>({ secrets: [secret], clock, ttlMs });
  return createSharedStates<State>({ redis, name, revokedTtlMs: REVOKED_TTL_MS, seal });
}

describe.each(transports)('states that processes share over %s', async (kind) => {
  const url = await createTestRedis();
  const connect = async (at: string): Promise<RedisClient> => {
    const redis = await connectBy(kind, at);
    await until('Redis is usable', () => redis.health.usable);
    return redis;
  };
  const { commands } = patient(await connect(url));
  const [here, there] = [patient(await connect(url)), patient(await connect(url))];
  const [one, other] = [createStates(here), createStates(there)];

  test('are found by all processes, and only under their id', async () => {
    expect(await one.find('found')).toBeUndefined();
    expect(await one.fill('found', state, Date.now())).toBeUndefined();
    expect(await other.find('found')).toEqual(state);
    expect(await other.find('foun')).toBeUndefined();
    expect(await createStates(there, { name: 'api-key' }).find('found')).toBeUndefined();
  });

  test('are gone after four seconds, revocations when what was revoked has expired', async () => {
    await one.fill('short', state, Date.now());
    await one.revoke(['long']);
    const [short, long] = [await commands.pttl('{session}:short'), await commands.pttl('{session}:long')];
    expect(short).toBeGreaterThan(0);
    expect(short).toBeLessThanOrEqual(STATE_TTL_MS);
    expect(long).toBeGreaterThan(REVOKED_TTL_MS - 60_000);
    expect(long).toBeLessThanOrEqual(REVOKED_TTL_MS);
  });

  test('are revoked for all processes', async () => {
    await one.fill('revoked', state, Date.now());
    await other.revoke(['revoked', 'never filled']);
    for (const states of [one, other]) {
      expect(await states.find('revoked')).toBe(REVOKED);
      expect(await states.find('never filled')).toBe(REVOKED);
    }
  });

  test('stay revoked when a read that began before fills them', async () => {
    await other.revoke(['overtaken']);
    expect(await one.fill('overtaken', state, Date.now())).toBe(REVOKED);
    expect(await one.find('overtaken')).toBe(REVOKED);
  });

  test('stay revoked when they are filled and revoked at once', async () => {
    const ids = Array.from({ length: 100 }, (_, n) => `racing ${n}`);
    await Promise.all(
      ids.map(async (id) => await Promise.all([one.fill(id, state, Date.now()), other.revoke([id])])),
    );
    const found = await Promise.all(ids.map(async (id) => await one.find(id)));
    expect(new Set(found)).toEqual(new Set([REVOKED]));
  });

  test('are revoked 1,200 at a time', async () => {
    const ids = Array.from({ length: 1200 }, (_, n) => `many ${n}`);
    await one.revoke(ids);
    const texts = await commands.mget<string[]>(...ids.map((id) => `{session}:${id}`));
    expect(texts.filter((text) => text === 'revoked')).toHaveLength(1200);
    expect(await other.find('many 1199')).toBe(REVOKED);
  });

  test('are unknown when there are none to revoke', async () => {
    await one.revoke([]);
    expect(await other.find('none')).toBeUndefined();
  });

  test.each([
    ['made without the secret', async () => JSON.stringify({ state: { role: 'admin' }, until: 1e15 })],
    ['changed', async (text: string) => text.replace('player', 'admin')],
    ['cut', async (text: string) => text.slice(0, -1)],
    ['of another id', async () => await sealedFor(createStates(here), '{session}:another')],
    [
      'of another secret',
      async () => await sealedFor(createStates(here, { secret: 'x' }), '{session}:another'),
    ],
    ['empty', async () => ''],
  ])('are unknown when what is stored is %s, and filling reveals none', async (what, make) => {
    const id = `stored ${what}`;
    const text = await make(await sealedFor(one, `{session}:${id}`));
    await commands.set(`{session}:${id}`, text, { px: 60_000 });
    expect(await other.find(id)).toBeUndefined();
    expect(await other.fill(id, state, Date.now())).toBeUndefined();
    await other.revoke([id]);
    expect(await one.find(id)).toBe(REVOKED);
  });

  test('are unknown when what is stored is no text', async () => {
    await commands.lpush('{session}:list', 'revoked');
    expect(await one.find('list')).toBeUndefined();
    expect(await one.fill('list', state, Date.now())).toBeUndefined();
    await one.revoke(['list']);
    expect(await other.find('list')).toBe(REVOKED);
  });

  test('are unknown four seconds after their read began, however long Redis keeps them', async () => {
    const readAt = Date.now();
    let now = readAt + 3000;
    const states = createStates(here, { clock: () => now });
    await states.fill('kept', state, readAt);
    await commands.persist('{session}:kept');
    now = readAt + STATE_TTL_MS;
    expect(await states.find('kept')).toEqual(state);
    now += 1;
    expect(await states.find('kept')).toBeUndefined();
  });

  test('count from the beginning of a read that takes long', async () => {
    let now = Date.now();
    const shared = createStates(here, { clock: () => now });
    const cache = new StateCache<State>({
      clock: () => now,
      ttlMs: 1000,
      revokedTtlMs: REVOKED_TTL_MS,
      shared,
    });
    const slowRead = async () => {
      now += 3000;
      return await Promise.resolve(state);
    };
    expect(await cache.get('slow', slowRead)).toEqual(state);
    now += 1000;
    expect(await shared.find('slow')).toEqual(state);
    now += 1;
    expect(await shared.find('slow')).toBeUndefined();
  });

  test.each(['crash', 'freeze'] as const)('are unknown, and nothing rejects, after a %s', async (fault) => {
    const server = await startOwnRedis();
    const states = createStates(await connect(server.url));
    await states.fill('id', state, Date.now());
    await server[fault]();
    for (let n = 0; n < 5; n += 1) {
      expect(await states.find('id')).toBeUndefined();
      expect(await states.fill('id', state, Date.now())).toBeUndefined();
      expect(await states.revoke(['id'])).toBeUndefined();
    }
  });

  test('are unknown, and nothing rejects, once the client is closed', async () => {
    const redis = await connect(url);
    const states = createStates(redis);
    await redis.close();
    expect(await states.find('id')).toBeUndefined();
    expect(await states.fill('id', state, Date.now())).toBeUndefined();
    expect(await states.revoke(['id'])).toBeUndefined();
  });

  async function sealedFor(states: SharedStates<State>, key: string): Promise<string> {
    const id = key.slice('{session}:'.length);
    await commands.del(key);
    await states.fill(id, state, Date.now());
    return (await commands.get<string>(key)) ?? '';
  }
});
