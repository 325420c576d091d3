import { beforeEach, describe, expect, it } from 'vitest';

import { StateCache } from './state-cache.ts';

interface State {
  readonly name: string;
}

/** A read that ends when the test says so. */
function pendingRead() {
  const { promise, resolve, reject } = withResolvers<State | undefined>();
  return { read: async () => await promise, resolve, reject };
}

/** Promise.withResolvers, which Node 20 does not have. */
function withResolvers<Value>() {
  let resolve!: (value: Value) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<Value>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}

describe('a remembered state', () => {
  let nowMs: number;
  let reads: number;
  let cache: StateCache<State>;

  beforeEach(() => {
    nowMs = 1_800_000_000_000;
    reads = 0;
    cache = new StateCache({ clock: () => nowMs, ttlMs: 5000, revokedTtlMs: 900_000 });
  });

  const get = async (state: State = { name: 'kim' }) =>
    await cache.get('id', async () => {
      reads += 1;
      return state;
    });

  it('is read once in five seconds', async () => {
    expect(await get()).toEqual({ name: 'kim' });
    nowMs += 5000;
    expect(await get({ name: 'lee' })).toEqual({ name: 'kim' });
    nowMs += 1;
    expect(await get({ name: 'lee' })).toEqual({ name: 'lee' });
    expect(reads).toBe(2);
  });

  it('is not lived longer for being used', async () => {
    await get();
    for (let second = 0; second < 6; second += 1) {
      nowMs += 1000;
      await get();
    }
    expect(reads).toBe(2);
  });

  it('that does not exist is looked for every time', async () => {
    expect(await cache.get('id', async () => await Promise.resolve(undefined))).toBeUndefined();
    expect(await get()).toEqual({ name: 'kim' });
  });

  it('is read once by all who ask at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, async () => await get()));
    expect(new Set(answers)).toEqual(new Set([{ name: 'kim' }]));
    expect(reads).toBe(1);
  });

  it('is read again after a read that failed, which fails for all who shared it', async () => {
    const failing = pendingRead();
    const answers = Promise.allSettled([cache.get('id', failing.read), get()]);
    failing.reject(new Error('the database is away'));
    expect(await answers).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
    expect(await get()).toEqual({ name: 'kim' });
  });

  it('is gone at once when revoked, for as long as told', async () => {
    await get();
    await cache.revoke(['id']);
    expect(await get()).toBeUndefined();
    nowMs += 900_000;
    expect(await get()).toBeUndefined();
    expect(reads).toBe(1);
    nowMs += 1;
    await get();
    expect(reads).toBe(2);
  });

  it('stays revoked when a read that began before ends after it', async () => {
    const slow = pendingRead();
    const answer = cache.get('id', slow.read);
    await cache.revoke(['id']);
    slow.resolve({ name: 'kim' });
    expect(await answer).toBeUndefined();
    expect(await get()).toBeUndefined();
  });

  it('counts its time from the beginning of its read', async () => {
    const slow = pendingRead();
    const answer = cache.get('id', slow.read);
    nowMs += 4000;
    slow.resolve({ name: 'kim' });
    expect(await answer).toEqual({ name: 'kim' });
    nowMs += 1001;
    expect(await get({ name: 'lee' })).toEqual({ name: 'lee' });
  });

  it('is forgotten when fifty thousand others were used since', async () => {
    await get();
    for (let other = 0; other < 50_000; other += 1) await cache.revoke([`other ${other}`]);
    await get();
    expect(reads).toBe(2);
  });

  it('says nothing about others', async () => {
    await cache.revoke(['other']);
    expect(await get()).toEqual({ name: 'kim' });
  });
});
