import { describe, expect, it } from 'vitest';

import { type IndexChange, RetryQueue } from './retry-queue.ts';

const MINUTE_MS = 60_000;

function createQueue() {
  const clock = { now: 0 };
  let losses = 0;
  const queue = new RetryQueue(
    () => clock.now,
    () => {
      losses += 1;
    },
  );
  return { clock, queue, losses: () => losses };
}

function scored(userId: string, version = 1, leaderboardId = 'global'): IndexChange {
  const score = { userId, version, totalScore: version, scoreFirstReachedAt: '2026-01-01T00:00:00.000000Z' };
  return { leaderboardId, userId, score };
}

function removed(userId: string, leaderboardId = 'global'): IndexChange {
  return { leaderboardId, userId, score: undefined };
}

describe('a queue of changes that could not be written', () => {
  it('keeps the newest change of each player', () => {
    const { queue } = createQueue();
    for (const change of [scored('a', 2), scored('a', 3), scored('a', 1), scored('b')]) queue.add(change);
    expect(queue.peek(64)).toEqual([scored('a', 3), scored('b')]);
  });

  it('never lets a score follow a removal', () => {
    const { queue } = createQueue();
    for (const change of [scored('a', 1), removed('a'), scored('a', 2)]) queue.add(change);
    expect(queue.peek(64)).toEqual([removed('a')]);
  });

  it('hands out changes of one board and kind, the oldest first, as many as are wanted', () => {
    const { queue } = createQueue();
    const all = [scored('a'), removed('b'), scored('c', 1, 'other'), scored('d'), scored('e')];
    for (const change of all) queue.add(change);
    expect(queue.peek(2)).toEqual([scored('a'), scored('d')]);
    queue.settle(queue.peek(64));
    expect(queue.peek(64)).toEqual([removed('b')]);
    queue.settle(queue.peek(64));
    expect(queue.peek(64)).toEqual([scored('c', 1, 'other')]);
    queue.settle(queue.peek(64));
    expect(queue.size).toBe(0);
  });

  it('keeps what came while an older change of the player was written', () => {
    const { queue } = createQueue();
    queue.add(scored('a', 1));
    const written = queue.peek(64);
    queue.add(scored('a', 2));
    queue.settle(written);
    expect(queue.peek(64)).toEqual([scored('a', 2)]);
  });

  it('forgets everything and says so when it is full', () => {
    const { queue, losses } = createQueue();
    for (let n = 0; n < 10_000; n += 1) queue.add(scored(`player ${n}`));
    queue.add(scored('player 0', 2));
    expect([queue.size, losses()]).toEqual([10_000, 0]);
    queue.add(scored('one too many'));
    expect([queue.size, losses()]).toEqual([0, 1]);
  });

  it('forgets everything and says so when its oldest change has waited for half an hour', () => {
    const { queue, clock, losses } = createQueue();
    queue.add(scored('a', 1));
    clock.now += 20 * MINUTE_MS;
    queue.add(scored('a', 2));
    queue.add(scored('b'));
    clock.now += 10 * MINUTE_MS;
    expect(queue.peek(64)).toHaveLength(2);
    clock.now += 1;
    expect(queue.peek(64)).toEqual([]);
    expect([queue.size, losses()]).toEqual([0, 1]);
  });
});
