import { describe, expect, test } from 'vitest';

import { type CountedHits, gatherHits } from './gather-hits.ts';

interface Call {
  readonly window: string;
  readonly came: number;
  answer(counted: CountedHits | undefined): void;
}

/** Counts that the test answers. */
function createHits() {
  const calls: Call[] = [];
  const hit = gatherHits(
    async (window, came) => await new Promise((answer) => void calls.push({ window, came, answer })),
  );
  const nthCall = (n: number): Call => {
    const call = calls[n - 1];
    if (call === undefined) throw new Error(`there is no call ${n}`);
    return call;
  };
  return { calls, hit, nthCall };
}

describe('hits that are gathered', () => {
  test('are counted at once when nothing of their window is being counted', async () => {
    const { calls, hit, nthCall } = createHits();
    const hits = [hit('one'), hit('other')];
    expect(calls.map(({ window, came }) => ({ window, came }))).toEqual([
      { window: 'one', came: 1 },
      { window: 'other', came: 1 },
    ]);
    nthCall(1).answer({ admitted: 1, hits: 7, fewerInMs: 50 });
    nthCall(2).answer({ admitted: 0, hits: 9, fewerInMs: 60 });
    expect(await Promise.all(hits)).toEqual([
      { totalHits: 7, fewerInMs: 50 },
      { totalHits: undefined, fewerInMs: 60 },
    ]);
  });

  test('are counted together when they come meanwhile, the first admitted first', async () => {
    const { calls, hit, nthCall } = createHits();
    const first = hit('one');
    const others = [hit('one'), hit('one'), hit('one')];
    nthCall(1).answer({ admitted: 1, hits: 1, fewerInMs: 50 });
    await first;
    expect(calls).toHaveLength(2);
    expect(nthCall(2).came).toBe(3);
    const later = hit('one');
    nthCall(2).answer({ admitted: 2, hits: 3, fewerInMs: 40 });
    expect(await Promise.all(others)).toEqual([
      { totalHits: 2, fewerInMs: 40 },
      { totalHits: 3, fewerInMs: 40 },
      { totalHits: undefined, fewerInMs: 40 },
    ]);
    expect(nthCall(3).came).toBe(1);
    nthCall(3).answer({ admitted: 0, hits: 3, fewerInMs: 30 });
    expect(await later).toEqual({ totalHits: undefined, fewerInMs: 30 });
  });

  test('are counted after one that failed while they waited', async () => {
    const { hit, nthCall } = createHits();
    const first = hit('one');
    const others = [hit('one'), hit('one')];
    nthCall(1).answer(undefined);
    expect(await first).toBeUndefined();
    expect(nthCall(2).came).toBe(2);
    nthCall(2).answer({ admitted: 1, hits: 9, fewerInMs: 50 });
    expect(await Promise.all(others)).toEqual([
      { totalHits: 9, fewerInMs: 50 },
      { totalHits: undefined, fewerInMs: 50 },
    ]);
  });
});
