import { setImmediate } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { atEndOfTurn, endTurn } from './end-of-turn.ts';

test('what waits for the end of a turn is done then, once, in order', async () => {
  const done: number[] = [];
  for (const n of [1, 2, 3]) atEndOfTurn(() => done.push(n));
  await Promise.resolve();
  expect(done).toEqual([]);
  await setImmediate();
  expect(done).toEqual([1, 2, 3]);
  await setImmediate();
  expect(done).toEqual([1, 2, 3]);
});

test('what was done before its turn ended is not done again', async () => {
  const done: number[] = [];
  atEndOfTurn(() => done.push(1));
  expect(endTurn()).toBe(true);
  expect(endTurn()).toBe(false);
  atEndOfTurn(() => done.push(2));
  await setImmediate();
  expect(done).toEqual([1, 2]);
});

test('what is left to the end of a turn while it ends is left to the next', async () => {
  const done: number[] = [];
  atEndOfTurn(() => {
    done.push(1);
    atEndOfTurn(() => done.push(2));
  });
  endTurn();
  expect(done).toEqual([1]);
  await setImmediate();
  expect(done).toEqual([1, 2]);
});
