import { setImmediate } from 'node:timers/promises';

import { describe, expect, test } from 'vitest';

import { atEndOfTurn } from '../end-of-turn.ts';
import { inSlices } from './in-slices.ts';

/** Keeps the event loop busy, as a write to a socket does. */
function work(ms: number): void {
  const endsAt = performance.now() + ms;
  while (performance.now() < endsAt);
}

function* times(count: number): Generator<number> {
  for (let n = 0; n < count; n += 1) yield n;
}

describe('work in slices', () => {
  test('does everything, in order', async () => {
    const done: number[] = [];
    await inSlices(times(1000), (n) => done.push(n));
    expect(done).toEqual([...times(1000)]);
  });

  test('has one slice in a turn of the event loop, for however many', async () => {
    const steps = new Map<number, number>();
    let turn = 0;
    const all = Promise.all(
      [...times(10)].map(
        async () =>
          await inSlices(times(20), () => {
            work(1);
            steps.set(turn, (steps.get(turn) ?? 0) + 1);
          }),
      ),
    ).then(() => true);
    while (!(await Promise.race([all, setImmediate(false)]))) turn += 1;
    // Each step takes a millisecond and each slice ten.
    expect(Math.max(...steps.values())).toBeLessThanOrEqual(10);
    expect([...steps.values()].reduce((sum, count) => sum + count, 0)).toBe(200);
  });

  test('takes turns, so that a small one is over before a large one', async () => {
    const ended: string[] = [];
    const large = inSlices(times(50), () => work(1)).then(() => ended.push('large'));
    const small = inSlices(times(1), () => work(1)).then(() => ended.push('small'));
    await Promise.all([large, small]);
    expect(ended).toEqual(['small', 'large']);
  });

  test('lets what waits for the end of a turn go before its slice', async () => {
    let steps = 0;
    const waited: number[] = [];
    const all = inSlices(times(100), () => {
      work(1);
      steps += 1;
    });
    // As answers do: what they release goes on in a microtask.
    const wait = (left: number) => {
      const before = steps;
      const ended = new Promise<void>((resolve) => atEndOfTurn(resolve));
      void ended.then(() => waited.push(steps - before));
      if (left > 0) setTimeout(() => wait(left - 1));
    };
    setTimeout(() => wait(4));
    await all;
    expect(waited).toEqual([0, 0, 0, 0, 0]);
  });

  test('goes on although something always waits for the end of the turn', async () => {
    let isOver = false;
    const again = () => {
      if (!isOver) atEndOfTurn(again);
    };
    again();
    const done: number[] = [];
    await inSlices(times(30), (n) => {
      work(1);
      done.push(n);
    });
    isOver = true;
    expect(done).toEqual([...times(30)]);
  });

  test('tells of a failure, which does not hold up the rest', async () => {
    const failing = inSlices(times(3), () => {
      throw new Error('a step failed');
    });
    const done: number[] = [];
    const going = inSlices(times(3), (n) => done.push(n));
    await expect(failing).rejects.toThrow('a step failed');
    await going;
    expect(done).toEqual([0, 1, 2]);
  });
});
