import { describe, expect, test } from 'vitest';

import { until } from '../../../test/harness/until.ts';
import type { BoardChange } from '../../leaderboards/index.ts';
import { Outbox } from './outbox.ts';

/** Longer than between two messages. */
const LONGER_THAN_GAP_MS = 40;

/** An outbox whose messages arrive when the test says so. */
function createOutbox(maxChanges = 2) {
  const sent: string[][] = [];
  const arrivals: (() => void)[] = [];
  const outbox = new Outbox({
    send: async (changes) => {
      sent.push(changes.map(({ leaderboardId, userId }) => userId ?? `all of ${leaderboardId}`));
      await new Promise<void>((resolve) => arrivals.push(resolve));
    },
    maxChanges,
  });
  return { outbox, sent, arrivals };
}

function changeOf(userId: string, leaderboardId = 'global'): BoardChange {
  return { leaderboardId, userId };
}

describe('an outbox', () => {
  test.each(Array.from({ length: 12 }, (_, microtasks) => microtasks))(
    'sends what is added %i microtasks after all was sent',
    async (microtasks) => {
      const { outbox, sent, arrivals } = createOutbox();
      const beganAt = performance.now();
      outbox.add(changeOf('first'));
      await until('the next may be sent', () => performance.now() - beganAt > LONGER_THAN_GAP_MS);
      arrivals[0]?.();
      for (let n = 0; n < microtasks; n += 1) await Promise.resolve();
      outbox.add(changeOf('second'));
      await until('it is sent', () => sent.length === 2);
      expect(sent).toEqual([['first'], ['second']]);
    },
  );

  test('sends what came meanwhile together, of each player once', async () => {
    const { outbox, sent, arrivals } = createOutbox();
    outbox.add(changeOf('first'));
    await until('one is on its way', () => sent.length === 1);
    for (const userId of ['second', 'third', 'second', 'third']) outbox.add(changeOf(userId));
    arrivals[0]?.();
    await until('the others are', () => sent.length === 2);
    expect(sent).toEqual([['first'], ['second', 'third']]);
  });

  test('tells of boards as wholes when more changed than a message holds, and goes on by players after it', async () => {
    const { outbox, sent, arrivals } = createOutbox();
    outbox.add(changeOf('first'));
    await until('one is on its way', () => sent.length === 1);
    for (let n = 0; n < 5000; n += 1) outbox.add(changeOf(`player ${n}`, n % 2 === 0 ? 'even' : 'odd'));
    arrivals[0]?.();
    await until('the others are', () => sent.length === 2);
    arrivals[1]?.();
    outbox.add(changeOf('last'));
    await until('the last is', () => sent.length === 3);
    expect(sent).toEqual([['first'], ['all of even', 'all of odd'], ['last']]);
  });

  test('sends one more message when it is closed, and no other', async () => {
    const { outbox, sent, arrivals } = createOutbox();
    outbox.add(changeOf('first'));
    await until('one is on its way', () => sent.length === 1);
    for (const board of ['one', 'two', 'three', 'four']) outbox.add(changeOf('somebody', board));
    const closed = outbox.close();
    for (const arrive of arrivals) arrive();
    await closed;
    expect(sent).toEqual([['first'], ['all of one', 'all of two']]);
  });

  test('is closed at once when there is nothing to send', async () => {
    const { outbox, sent } = createOutbox();
    await outbox.close();
    expect(sent).toEqual([]);
  });
});
