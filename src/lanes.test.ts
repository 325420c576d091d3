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

  test('are open for whoever waits while no call is under way, and for nobody', () => {
    const { lanes } = heldLanes();
    expect(lanes.isOpen(1)).toBe(true);
    expect(lanes.isOpen(0)).toBe(false);
  });

  test('are closed while a call is under way, and dispatch when it has ended', async () => {
    const { dispatch, lanes, begin } = heldLanes();
    const end = begin();
    expect(lanes.isIdle).toBe(false);
    expect(lanes.isOpen(FULL - 1)).toBe(false);
    end();
    await turn();
    expect(dispatch).toHaveBeenCalledTimes(1);
    expect(lanes.isIdle).toBe(true);
    expect(lanes.isOpen(1)).toBe(true);
  });

  test('are open for a full call beside others, as many as there may be', () => {
    const { lanes, begin } = heldLanes();
    begin();
    expect(lanes.isOpen(FULL)).toBe(true);
    begin();
    expect(lanes.isOpen(FULL)).toBe(false);
  });

  test('dispatch beside a slow call, and are open then', () => {
    const { dispatch, lanes, begin } = heldLanes();
    begin();
    vi.advanceTimersByTime(10);
    expect(lanes.isOpen(1)).toBe(false);
    vi.advanceTimersByTime(SLOW_MS - 11);
    expect(dispatch).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(dispatch).toHaveBeenCalledTimes(1);
    expect(lanes.isOpen(1)).toBe(true);
    begin();
    vi.advanceTimersByTime(SLOW_MS);
    expect(lanes.isOpen(1)).toBe(false);
  });

  test('leave no timer behind a call that was not slow', async () => {
    const { dispatch, lanes, begin } = heldLanes();
    const end = begin();
    lanes.isOpen(1);
    end();
    await turn();
    begin()();
    await turn();
    expect(dispatch).toHaveBeenCalledTimes(2);
    expect(vi.getTimerCount()).toBe(0);
  });
});
