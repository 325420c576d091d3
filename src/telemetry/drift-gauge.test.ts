import { expect, it } from 'vitest';

import { createDriftGauge } from './drift-gauge.ts';

function createGauge(intervalMs: number | undefined) {
  let now = 1000;
  const gauge = createDriftGauge({ clock: () => now, intervalMs });
  const advance = (ms: number) => {
    now += ms;
  };
  return { gauge, advance };
}

it('tells the worst leaderboard, each for as long as until its next verification is due', () => {
  const { gauge, advance } = createGauge(300_000);
  gauge.record('global', 0);
  advance(100_000);
  gauge.record('weekly', 3);
  expect(gauge.value).toBe(3);
  expect([...gauge.byLeaderboard]).toEqual([
    ['global', 0],
    ['weekly', 3],
  ]);
  advance(200_000);
  expect([...gauge.byLeaderboard]).toEqual([['weekly', 3]]);
  advance(100_000);
  expect(gauge.value).toBeUndefined();
});

it('tells what the last verification of a leaderboard found', () => {
  const { gauge } = createGauge(300_000);
  gauge.record('global', 2);
  gauge.record('global', 0);
  expect(gauge.value).toBe(0);
});

it('tells each verification when it comes', () => {
  const { gauge } = createGauge(300_000);
  const heard: number[] = [];
  gauge.onRecorded((drifted) => heard.push(drifted));
  gauge.record('global', 2);
  gauge.record('global', 0);
  expect(heard).toEqual([2, 0]);
});

it('says that there is no drift where there is no index', () => {
  expect(createGauge(undefined).gauge.value).toBe(0);
});
