import { expect, it } from 'vitest';

import { createMeter } from './meter.ts';

function meterAndClock() {
  let now = 1_000_000;
  return {
    meter: createMeter(() => now),
    advance: (ms: number) => {
      now += ms;
    },
  };
}

it('counts requests of the last five seconds', () => {
  const { meter, advance } = meterAndClock();
  for (let request = 0; request < 20; request += 1) meter.answered('other', 1);
  advance(4000);
  for (let request = 0; request < 20; request += 1) meter.answered('other', 1);
  expect(meter.requestsPerSecond()).toBe(10);
  advance(1500);
  expect(meter.requestsPerSecond()).toBe(4);
  advance(10_000);
  expect(meter.requestsPerSecond()).toBe(0);
  expect(meter.requests()).toBe(40);
});

it('measures score updates only', () => {
  const { meter } = meterAndClock();
  meter.answered('other', 900);
  expect(meter.latency()).toBeUndefined();
  for (let request = 1; request <= 100; request += 1) meter.answered('score', request);
  expect(meter.latency()?.p50Ms).toBeCloseTo(50, 0);
  expect(meter.latency()?.p99Ms).toBeCloseTo(99, 0);
});

it('keeps how many answers were lost, and the last reason', () => {
  const { meter } = meterAndClock();
  meter.lost('ECONNREFUSED');
  meter.lost('timeout');
  expect(meter.losses()).toEqual({ count: 2, lastReason: 'timeout' });
  expect(meter.requests()).toBe(2);
});
