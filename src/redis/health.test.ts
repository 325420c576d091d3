import { expect, test } from 'vitest';

import { collectLog } from '../../test/harness/redis-clients.ts';
import { Health } from './health.ts';

function createHealth() {
  const { log, lines } = collectLog();
  const health = new Health(log);
  const changes: boolean[] = [];
  const stop = health.onChange((usable) => changes.push(usable));
  return { health, changes, stop, said: () => lines.map(({ msg }) => msg) };
}

test('tells and logs each change once', () => {
  const { health, changes, said } = createHealth();
  for (const _ of [1, 2]) health.came();
  for (const _ of [1, 2]) health.went(new Error('gone'));
  health.came();
  expect(changes).toEqual([true, false, true]);
  expect(said()).toEqual(['Redis is used', 'Redis is not used', 'Redis is used']);
});

test('logs that Redis is not there at the start, which is no change', () => {
  const { health, changes, said } = createHealth();
  for (const _ of [1, 2]) health.went(new Error('not there'));
  expect(changes).toEqual([]);
  expect(said()).toEqual(['Redis is not used']);
});

test('tells nobody who stopped listening', () => {
  const { health, changes, stop } = createHealth();
  stop();
  health.came();
  expect(changes).toEqual([]);
});

test('ends with a change, and without a log', () => {
  const { health, changes, said } = createHealth();
  health.came();
  health.end();
  expect(health.usable).toBe(false);
  expect(changes).toEqual([true, false]);
  expect(said()).toEqual(['Redis is used']);
});

test('survives a listener that throws', () => {
  const { health, changes, said } = createHealth();
  health.onChange(() => {
    throw new Error('mine');
  });
  health.onChange((usable) => changes.push(usable));
  health.came();
  expect(changes).toEqual([true, true]);
  expect(said()).toEqual(['Redis is used', 'a listener of the health of Redis failed']);
});
