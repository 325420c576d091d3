import { describe, expect, test, vi } from 'vitest';

import { gatherCalls } from './gather-calls.ts';

const MAX_ITEMS = 4;

/** Calls that end when they are told to. */
function heldCalls() {
  const calls: { readonly keys: readonly string[]; end: () => void; fail: (error: Error) => void }[] = [];
  const findMany = async (keys: readonly string[]) =>
    await new Promise<readonly (string | undefined)[]>((resolve, reject) => {
      const found = keys.map((key) => (key === 'nobody' ? undefined : `found ${key}`));
      calls.push({ keys, end: () => resolve(found), fail: reject });
    });
  return { calls, lookUp: gatherCalls(findMany, MAX_ITEMS) };
}

describe('calls that are gathered', () => {
  test('go at once while few are in flight', async () => {
    const { calls, lookUp } = heldCalls();
    const both = [lookUp('a'), lookUp('b')];
    expect(calls.map(({ keys }) => keys)).toEqual([['a'], ['b']]);
    for (const call of calls) call.end();
    await expect(Promise.all(both)).resolves.toEqual(['found a', 'found b']);
  });

  test('share the next call when they come meanwhile, which begins after them', async () => {
    const { calls, lookUp } = heldCalls();
    const first = [lookUp('a'), lookUp('b')];
    const next = [lookUp('c'), lookUp('nobody'), lookUp('c')];
    expect(calls).toHaveLength(2);
    calls[0]?.end();
    await vi.waitFor(() => expect(calls[2]?.keys).toEqual(['c', 'nobody', 'c']));
    calls[1]?.end();
    calls[2]?.end();
    await expect(Promise.all([...first, ...next])).resolves.toEqual([
      'found a',
      'found b',
      'found c',
      undefined,
      'found c',
    ]);
  });

  test('share it only up to as many as one takes', async () => {
    const { calls, lookUp } = heldCalls();
    const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    const all = keys.map(async (key) => await lookUp(key));
    // The full one does not wait for the others.
    expect(calls.map((call) => call.keys.length)).toEqual([1, 1, MAX_ITEMS]);
    for (let n = 0; n < 4; n += 1) {
      await vi.waitFor(() => expect(calls[n]).toBeDefined());
      calls[n]?.end();
    }
    expect(await Promise.all(all)).toEqual(keys.map((key) => `found ${key}`));
    expect(calls.map((call) => call.keys.length)).toEqual([1, 1, MAX_ITEMS, 1]);
  });

  test('fail when their call does not answer each of them', async () => {
    const lookUp = gatherCalls(async () => await Promise.resolve([]), MAX_ITEMS);
    await expect(lookUp('a')).rejects.toThrow('a result for each');
  });

  test('fail with their call, and no other with them', async () => {
    const { calls, lookUp } = heldCalls();
    const failed = [lookUp('a'), lookUp('b')];
    const next = lookUp('c');
    const reasons = Promise.allSettled(failed);
    for (const call of calls) call.fail(new Error('cut'));
    expect((await reasons).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    calls[2]?.end();
    await expect(next).resolves.toBe('found c');
  });

  test('do not wait through a second silence', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const { calls, lookUp } = heldCalls();
      const all = Promise.allSettled([lookUp('a'), lookUp('b'), lookUp('c')]);
      vi.advanceTimersByTime(1000);
      for (const call of calls) call.fail(new Error('silence'));
      expect((await all).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
      expect(calls).toHaveLength(2);
    } finally {
      vi.useRealTimers();
    }
  });

  test('that came just before a silence ended are not given up with it', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const { calls, lookUp } = heldCalls();
      const silenced = Promise.allSettled([lookUp('a'), lookUp('b'), lookUp('c')]);
      vi.advanceTimersByTime(999);
      const late = lookUp('d');
      vi.advanceTimersByTime(1);
      for (const call of calls) call.fail(new Error('silence'));
      expect((await silenced).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
      expect(calls.map(({ keys }) => keys)).toEqual([['a'], ['b'], ['d']]);
      calls[2]?.end();
      await expect(late).resolves.toBe('found d');
    } finally {
      vi.useRealTimers();
    }
  });
});
