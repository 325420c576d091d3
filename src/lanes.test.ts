import { EventEmitter, once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { Lanes, SLOW_MS } from './lanes.ts';

const FULL = 4;

/** Lanes whose calls end when they are told to, and how often they were asked to dispatch. */
function heldLanes({ max = 2 } = {}) {
  const dispatch = vi.fn<() => void>();
  const lanes = new Lanes({ max, full: FULL, dispatch });
  const begin = () => {
    const call = new EventEmitter();
    lanes.run(async () => void (await once(call, 'end')));
    return () => void call.emit('end');
  };
  return { dispatch, lanes, begin };
}

describe('lanes', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('dispatch once at the end of a turn, however often they are told to', async () => {
    const { dispatch, lanes } = heldLanes();
    for (let n = 0; n < 3; n += 1) lanes.dispatchSoon();
    expect(dispatch).not.toHaveBeenCalled();
    await turn();
    expect(dispatch).toHaveBeenCalledTimes(1);
    lanes.dispatchSoon();
    await turn();
    expect(dispatch).toHaveBeenCalledTimes(2);
  });

  test('let whoever waits begin while no call is under way, and nobody else', () => {
    const { lanes } = heldLanes();
    expect(lanes.mayBegin(1)).toBe(true);
    expect(lanes.mayBegin(0)).toBe(false);
  });

  test('let nobody begin while a call is under way, and dispatch when it has ended', async () => {
    const { dispatch, lanes, begin } = heldLanes();
    const end = begin();
    expect(lanes.isIdle).toBe(false);
    expect(lanes.mayBegin(FULL - 1)).toBe(false);
    end();
    await turn();
    expect(dispatch).toHaveBeenCalledTimes(1);
    expect(lanes.isIdle).toBe(true);
    expect(lanes.mayBegin(1)).toBe(true);
  });

  test('let a full call begin beside others, as many as there may be', () => {
    const { lanes, begin } = heldLanes();
    begin();
    expect(lanes.mayBegin(FULL)).toBe(true);
    begin();
    expect(lanes.mayBegin(FULL)).toBe(false);
  });

  test('dispatch beside a slow call, which lets another begin', () => {
    const { dispatch, lanes, begin } = heldLanes();
    begin();
    vi.advanceTimersByTime(10);
    expect(lanes.mayBegin(1)).toBe(false);
    vi.advanceTimersByTime(SLOW_MS - 11);
    expect(dispatch).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(dispatch).toHaveBeenCalledTimes(1);
    expect(lanes.mayBegin(1)).toBe(true);
    begin();
    vi.advanceTimersByTime(SLOW_MS);
    expect(lanes.mayBegin(1)).toBe(false);
  });

  test('let one begin at once beside a slow call when a quick one beside it has ended', async () => {
    const { lanes, begin } = heldLanes();
    begin();
    vi.advanceTimersByTime(SLOW_MS);
    const endQuick = begin();
    vi.advanceTimersByTime(1);
    endQuick();
    await turn();
    expect(lanes.mayBegin(1)).toBe(true);
  });

  test('leave no timer behind a call that was not slow', async () => {
    const { dispatch, lanes, begin } = heldLanes();
    const end = begin();
    lanes.mayBegin(1);
    end();
    await turn();
    begin()();
    await turn();
    expect(dispatch).toHaveBeenCalledTimes(2);
    expect(vi.getTimerCount()).toBe(0);
  });
});
