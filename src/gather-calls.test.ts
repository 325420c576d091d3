import { setImmediate as turn } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { gatherCalls } from './gather-calls.ts';
import { SLOW_MS } from './lanes.ts';

const MAX_ITEMS = 4;
const MAX_CALLS = 3;
const LIMITS = { maxItems: MAX_ITEMS, maxCalls: MAX_CALLS };

/** Calls that end when they are told to. */
function heldCalls() {
  const calls: { readonly keys: readonly string[]; end: () => void; fail: (error: Error) => void }[] = [];
  const findMany = async (keys: readonly string[]) =>
    await new Promise<readonly (string | undefined)[]>((resolve, reject) => {
      const found = keys.map((key) => (key === 'nobody' ? undefined : `found ${key}`));
      calls.push({ keys, end: () => resolve(found), fail: reject });
    });
  return { calls, lookUp: gatherCalls(findMany, LIMITS) };
}

describe('calls that are gathered', () => {
  test('go with all that come in the same turn, within it', async () => {
    const { calls, lookUp } = heldCalls();
    const both = [lookUp('a'), lookUp('nobody'), lookUp('a')];
    await turn();
    expect(calls.map(({ keys }) => keys)).toEqual([['a', 'nobody', 'a']]);
    calls[0]?.end();
    await expect(Promise.all(both)).resolves.toEqual(['found a', undefined, 'found a']);
  });

  test('share the next call when they come meanwhile, which begins after them', async () => {
    const { calls, lookUp } = heldCalls();
    const first = lookUp('a');
    await turn();
    const next = [lookUp('b')];
    await turn();
    next.push(lookUp('c'));
    await turn();
    expect(calls).toHaveLength(1);
    calls[0]?.end();
    await vi.waitFor(() => expect(calls[1]?.keys).toEqual(['b', 'c']));
    calls[1]?.end();
    await expect(Promise.all([first, ...next])).resolves.toEqual(['found a', 'found b', 'found c']);
  });

  test('share it only up to as many as one takes', async () => {
    const { calls, lookUp } = heldCalls();
    const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
    const all = keys.map(async (key) => await lookUp(key));
    await turn();
    // A full one does not wait for the others.
    expect(calls.map((call) => call.keys.length)).toEqual([MAX_ITEMS, MAX_ITEMS]);
    for (let n = 0; n < 3; n += 1) {
      await vi.waitFor(() => expect(calls[n]).toBeDefined());
      calls[n]?.end();
    }
    expect(await Promise.all(all)).toEqual(keys.map((key) => `found ${key}`));
    expect(calls.map((call) => call.keys.length)).toEqual([MAX_ITEMS, MAX_ITEMS, 1]);
  });

  test('fail when their call does not answer each of them', async () => {
    const lookUp = gatherCalls(async () => await Promise.resolve([]), LIMITS);
    await expect(lookUp('a')).rejects.toThrow('a result for each');
  });

  test('fail with their call, and no other with them', async () => {
    const { calls, lookUp } = heldCalls();
    const failed = [lookUp('a'), lookUp('b')];
    await turn();
    const next = lookUp('c');
    const reasons = Promise.allSettled(failed);
    calls[0]?.fail(new Error('cut'));
    expect((await reasons).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await vi.waitFor(() => expect(calls).toHaveLength(2));
    calls[1]?.end();
    await expect(next).resolves.toBe('found c');
  });

  describe('behind as many slow calls as there may be', () => {
    beforeEach(() => {
      vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
    });
    afterEach(() => {
      vi.useRealTimers();
    });

    async function slowCalls() {
      const { calls, lookUp } = heldCalls();
      const all: Promise<unknown>[] = [];
      const add = async (key: string) => {
        all.push(lookUp(key).catch(({ message }: Error) => message));
        await turn();
      };
      for (let n = 0; n < MAX_CALLS; n += 1) {
        await add(`slow ${n}`);
        vi.advanceTimersByTime(SLOW_MS);
      }
      expect(calls).toHaveLength(MAX_CALLS);
      return { calls, all, add };
    }

    test('do not wait through a second silence', async () => {
      const { calls, all, add } = await slowCalls();
      await add('behind');
      vi.advanceTimersByTime(1000);
      for (const call of calls) call.fail(new Error('silence'));
      expect(await Promise.all(all)).toEqual(Array.from({ length: MAX_CALLS + 1 }, () => 'silence'));
      expect(calls).toHaveLength(MAX_CALLS);
    });

    test('are not given up with a silence that ended just after they came', async () => {
      const { calls, all, add } = await slowCalls();
      vi.advanceTimersByTime(1000);
      await add('late');
      vi.advanceTimersByTime(999);
      for (const call of calls) call.fail(new Error('silence'));
      await Promise.all(all.slice(0, MAX_CALLS));
      expect(calls[MAX_CALLS]?.keys).toEqual(['late']);
      calls[MAX_CALLS]?.end();
      await expect(all[MAX_CALLS]).resolves.toBe('found late');
    });
  });
});
