import { describe, expect, test } from 'vitest';

import { createWindowStore } from './window-store.ts';

const WINDOW_MS = 60_000;

function createStore({ limit = 2, maxKeys = 1000 } = {}) {
  const clock = { now: Date.UTC(2026, 0, 1) };
  return {
    clock,
    store: createWindowStore({ limit, windowMs: WINDOW_MS, maxKeys, clock: () => clock.now }),
  };
}

describe('a store of windows', () => {
  test('counts up to the limit, and one above it for every hit that it refuses', async () => {
    const { store } = createStore({ limit: 2 });
    const counted = await Promise.all([1, 2, 3, 4].map(async () => await store.increment('key')));
    expect(counted.map(({ totalHits }) => totalHits)).toEqual([1, 2, 3, 3]);
  });

  test('tells when there will be fewer hits', async () => {
    const { store, clock } = createStore({ limit: 2 });
    const beganAt = clock.now;
    await store.increment('key');
    clock.now += 20_000;
    await store.increment('key');
    const { resetTime } = await store.increment('key');
    expect(resetTime?.getTime()).toBe(beganAt + WINDOW_MS);
    clock.now = beganAt + WINDOW_MS;
    expect(await store.increment('key')).toMatchObject({ totalHits: 2 });
  });

  test('counts each key by itself', async () => {
    const { store } = createStore({ limit: 1 });
    await store.increment('one');
    expect(await store.increment('two')).toMatchObject({ totalHits: 1 });
  });

  test('forgets a key on demand', async () => {
    const { store } = createStore({ limit: 1 });
    await store.increment('key');
    await store.resetKey('key');
    expect(await store.increment('key')).toMatchObject({ totalHits: 1 });
  });

  test('forgets the key that was met least recently when it is full', async () => {
    const { store } = createStore({ limit: 1, maxKeys: 2 });
    for (const key of ['kept', 'forgotten', 'kept', 'new']) await store.increment(key);
    expect(await store.increment('kept')).toMatchObject({ totalHits: 2 });
    expect(await store.increment('forgotten')).toMatchObject({ totalHits: 1 });
  });

  test('keeps what still counts when it sweeps out what does not', async () => {
    const { store, clock } = createStore({ limit: 1 });
    await store.increment('idle');
    clock.now += WINDOW_MS - 1;
    await store.increment('recent');
    clock.now += WINDOW_MS - 1;
    expect(await store.increment('idle')).toMatchObject({ totalHits: 1 });
    expect(await store.increment('recent')).toMatchObject({ totalHits: 2 });
  });

  test('remembers 100,000 of a million keys, the latest', async () => {
    const store = createWindowStore({ limit: 1, windowMs: WINDOW_MS, clock: () => 0 });
    for (let key = 0; key < 1_000_000; key += 1) await store.increment(`client ${key}`);
    let remembered = 0;
    for (let key = 999_999; key >= 850_000; key -= 1) {
      const { totalHits } = await store.increment(`client ${key}`);
      if (totalHits > 1) remembered += 1;
    }
    expect(remembered).toBe(100_000);
  });
});
