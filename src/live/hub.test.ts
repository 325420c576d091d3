import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';

import { openSocketPair } from '../../test/harness/socket-pair.ts';
import { until } from '../../test/harness/until.ts';
import type { BoardChange, Page } from '../leaderboards/index.ts';
import type { Channel } from './channel.ts';
import { Hub } from './hub.ts';
import { Session, type StreamEvent } from './session.ts';

const INTERVAL_MS = 50;

interface Read {
  readonly limit: number;
  answer(page: Page): void;
  fail(): void;
}

/** A hub whose reads are answered by the test. */
function createHub(intervalMs = INTERVAL_MS) {
  const reads: Read[] = [];
  const latencies: number[] = [];
  const hub = new Hub({
    read: async (limit) =>
      await new Promise<Page>((resolve, reject) => {
        reads.push({ limit, answer: resolve, fail: () => reject(new Error('the database is away')) });
      }),
    intervalMs,
    onBroadcast: (latencyMs) => latencies.push(latencyMs),
    log: pino({ level: 'silent' }),
  });
  const nthRead = async (n: number) => await until(`read ${n} begins`, () => reads[n - 1]);
  const watch = async (limit: number, page: Page): Promise<Channel> => {
    const channel = hub.hold(limit);
    onTestFinished(() => hub.release(channel));
    const ready = hub.ready(channel);
    (await nthRead(reads.length)).answer(page);
    await ready;
    return channel;
  };
  return { hub, reads, latencies, nthRead, watch };
}

function pageOf(...totals: number[]): Page {
  const entries = totals.map((totalScore, index) => ({
    rank: index + 1,
    userId: `user ${index + 1}`,
    username: `player-${index + 1}`,
    totalScore,
    scoreFirstReachedAt: '2026-01-31T09:30:00.000001Z',
  }));
  return { leaderboardId: 'global', totalPlayers: 99, entries, source: 'postgres', readAt: 1000 };
}

function changeTo(totalScore: number, userId = 'somebody'): BoardChange {
  const score = { totalScore, scoreFirstReachedAt: '2026-01-31T09:30:01.000001Z' };
  return { leaderboardId: 'global', userId, score };
}

function shownBy(channel: Channel): [userId: string, totalScore: number][] {
  const [, data = ''] = /^data: (.*)$/m.exec(channel.snapshot().toString()) ?? [];
  const { entries } = JSON.parse(data) as { entries: { user_id: string; total_score: number }[] };
  return entries.map((entry) => [entry.user_id, entry.total_score]);
}

function versionOf(channel: Channel): number {
  return Number(/^id: (\d+)$/m.exec(channel.snapshot().toString())?.[1]);
}

/** One that takes as long as hundreds. */
class SlowSession extends Session {
  readonly shown: number[] = [];

  override show(event: StreamEvent): void {
    const endsAt = performance.now() + 10;
    while (performance.now() < endsAt);
    if (event.version > (this.shown.at(-1) ?? 0)) this.shown.push(event.version);
    super.show(event);
  }
}

/** Has a channel take long for a round. */
async function joinSlowly(channel: Channel, count: number): Promise<SlowSession[]> {
  const pairs = await Promise.all(Array.from({ length: count }, async () => await openSocketPair()));
  const sessions = pairs.map(({ socket }) => new SlowSession(socket));
  for (const session of sessions) channel.join(session);
  return sessions;
}

describe('a hub', () => {
  test('reads once for all that come at the same time', async () => {
    const { hub, reads, nthRead } = createHub();
    const channels = [hub.hold(10), hub.hold(10)];
    const ready = Promise.all(channels.map(async (channel) => await hub.ready(channel)));
    (await nthRead(1)).answer(pageOf(30, 20));
    await ready;
    expect(reads.map(({ limit }) => limit)).toEqual([10]);
  });

  test('reads as far down as the longest page, and again for one that is longer', async () => {
    const { hub, reads, watch } = createHub();
    await watch(2, pageOf(30, 20));
    await watch(3, pageOf(30, 20, 10));
    const short = hub.hold(1);
    await hub.ready(short);
    expect(reads.map(({ limit }) => limit)).toEqual([2, 3]);
    expect(short.snapshot().toString()).toContain('"total_score":30');
    expect(short.snapshot().toString()).not.toContain('"total_score":20');
  });

  test('reads nothing for a change that cannot show', async () => {
    const { hub, reads, watch, nthRead } = createHub(0);
    await watch(2, pageOf(30, 20));
    for (let n = 0; n < 100; n += 1) hub.hear(changeTo(19));
    hub.hear(changeTo(21));
    await nthRead(2);
    expect(reads).toHaveLength(2);
  });

  test('reads once for the changes of an interval', async () => {
    const { hub, reads, nthRead, watch, latencies } = createHub();
    await watch(2, pageOf(30, 20));
    const beganAt = performance.now();
    for (let n = 0; n < 100; n += 1) hub.hear(changeTo(25 + n));
    (await nthRead(2)).answer(pageOf(124, 30));
    expect(performance.now() - beganAt).toBeGreaterThan(INTERVAL_MS / 2);
    await until('it is told', () => latencies.length === 1);
    expect(reads).toHaveLength(2);
  });

  test('judges by the new page what changed during a read', async () => {
    const { hub, reads, watch, nthRead } = createHub(0);
    await watch(2, pageOf(30, 20));
    hub.hear(changeTo(25));
    const second = await nthRead(2);
    hub.hear({ leaderboardId: 'global', userId: 'somebody' });
    second.answer({
      ...pageOf(30, 25),
      entries: [
        ...pageOf(30).entries,
        { ...pageOf(1, 25).entries[1], userId: 'somebody' } as Page['entries'][number],
      ],
    });
    (await nthRead(3)).answer(pageOf(30, 20));
    expect(reads).toHaveLength(3);
  });

  test('moves somebody who rises and is shown already without a read', async () => {
    const { hub, reads, watch, latencies } = createHub();
    const channel = await watch(3, pageOf(30, 20, 10));
    expect(versionOf(channel)).toBe(1000);
    hub.learn(changeTo(25, 'user 3'));
    hub.learn(changeTo(26, 'user 2'));
    await until('it is shown', () => latencies.length === 1);
    expect(shownBy(channel)).toEqual([
      ['user 1', 30],
      ['user 2', 26],
      ['user 3', 25],
    ]);
    expect(versionOf(channel)).toBeGreaterThan(1000);
    expect(reads).toHaveLength(1);
  });

  test('keeps a rise that was heard of during a read which does not have it', async () => {
    const { hub, reads, watch, nthRead, latencies } = createHub(0);
    const channel = await watch(2, pageOf(30, 20));
    hub.hear(changeTo(25));
    const second = await nthRead(2);
    hub.learn(changeTo(40, 'user 2'));
    second.answer(pageOf(30, 25));
    await until('it is shown', () => latencies.length > 0);
    expect(shownBy(channel)).toEqual([
      ['user 2', 40],
      ['user 1', 30],
    ]);
    expect(reads).toHaveLength(2);
  });

  test('reads what a rise may have overtaken: a score that went down', async () => {
    const { hub, reads, watch, nthRead, latencies } = createHub(0);
    const channel = await watch(2, pageOf(30, 20));
    hub.learn(changeTo(25, 'user 1'));
    (await nthRead(2)).answer(pageOf(28, 25));
    await until('it is shown', () => latencies.length === 1);
    expect(shownBy(channel)[0]).toEqual(['user 1', 28]);
    expect(reads).toHaveLength(2);
  });

  test('reads again while nothing but rises is heard of', async () => {
    const { hub, reads, watch, nthRead } = createHub(0);
    const channel = await watch(2, pageOf(30, 20));
    await joinSlowly(channel, 30);
    hub.learn(changeTo(40, 'user 1'));
    await until('a round has begun', () => versionOf(channel) > 1000);
    void hub.reread();
    (await nthRead(2)).answer({ ...pageOf(90, 80), readAt: 2000 });
    await until('it is shown', () => shownBy(channel)[0]?.[1] === 90);
    expect(reads).toHaveLength(2);
  });

  test('has the version of a rise follow the clock of the source', async () => {
    const { hub, watch, latencies } = createHub(0);
    const channel = await watch(2, pageOf(30, 20));
    const beganAt = performance.now();
    await until('60 ms have passed', () => performance.now() - beganAt > 60);
    hub.learn(changeTo(40, 'user 1'));
    await until('it is shown', () => latencies.length === 1);
    expect(versionOf(channel)).toBeGreaterThan(1050);
  });

  test('gives a page that did not change no other event, but a later version to who comes', async () => {
    const { hub, watch, nthRead, latencies } = createHub(0);
    const channel = await watch(2, pageOf(30, 20));
    expect(versionOf(channel)).toBe(1000);
    const reread = hub.reread();
    (await nthRead(2)).answer({ ...pageOf(30, 20), totalPlayers: 100, readAt: 3000 });
    await reread;
    expect(versionOf(channel)).toBe(3000);
    expect(latencies).toEqual([]);
  });

  test('raises the version although the clock of the source went back', async () => {
    const { hub, watch, nthRead } = createHub(0);
    const channel = await watch(2, pageOf(30, 20));
    expect(versionOf(channel)).toBe(1000);
    const reread = hub.reread();
    (await nthRead(2)).answer({ ...pageOf(40, 30), readAt: 500 });
    await reread;
    expect(versionOf(channel)).toBe(1001);
  });

  test('tells who comes that the board cannot be read, and reads it for the next', async () => {
    const { hub, nthRead, watch } = createHub();
    const ready = hub.ready(hub.hold(10));
    (await nthRead(1)).fail();
    await expect(ready).rejects.toThrow('the database is away');
    expect(versionOf(await watch(10, pageOf(30)))).toBe(1000);
  });

  test('tells all who wait of one failure, and reads no more for them', async () => {
    const { hub, reads, nthRead } = createHub();
    const ready = [10, 10, 3].map(async (limit) => await hub.ready(hub.hold(limit)));
    (await nthRead(1)).fail();
    for (const { status } of await Promise.allSettled(ready)) expect(status).toBe('rejected');
    expect(reads).toHaveLength(1);
  });

  test('reads once more for all who wait for a longer page than the one that failed', async () => {
    const { hub, reads, nthRead } = createHub();
    const short = hub.ready(hub.hold(3));
    const long = [10, 10].map(async (limit) => await hub.ready(hub.hold(limit)));
    (await nthRead(1)).fail();
    await expect(short).rejects.toThrow('the database is away');
    (await nthRead(2)).answer(pageOf(30));
    await Promise.all(long);
    expect(reads.map(({ limit }) => limit)).toEqual([3, 10]);
  });

  test('keeps what it has while the board cannot be read', async () => {
    const { hub, reads, nthRead, watch } = createHub(0);
    const channel = await watch(2, pageOf(30, 20));
    hub.hear(changeTo(40));
    (await nthRead(2)).fail();
    expect(channel.snapshot().toString()).toContain('"total_score":30');
    const again = await until('it can be read again', () => {
      void hub.reread();
      return reads[2];
    });
    again.answer(pageOf(40, 30));
    await until('it is shown', () => channel.snapshot().toString().includes('"total_score":40'));
    expect(reads).toHaveLength(3);
  });

  test('sends what changes during a long round to those it has not reached, and to all others in the next', async () => {
    const { hub, reads, watch, nthRead, latencies } = createHub();
    const channel = await watch(2, pageOf(30, 20));
    const sessions = await joinSlowly(channel, 40);
    hub.hear(changeTo(40));
    (await nthRead(2)).answer({ ...pageOf(40, 30), readAt: 2000 });
    await until('some have it', () => sessions.some(({ shown }) => shown.includes(2000)));
    hub.hear(changeTo(50));
    (await nthRead(3)).answer({ ...pageOf(50, 40), readAt: 3000 });
    await until('the next round is over', () => latencies.length === 2);
    expect(sessions.at(0)?.shown).toEqual([1000, 2000, 3000]);
    expect(sessions.at(-1)?.shown).toEqual([1000, 3000]);
    for (const { shown } of sessions) expect(shown.at(-1)).toBe(3000);
    expect(reads).toHaveLength(3);
  });

  test('sends a rise during a long round at once to those it has not reached, without a read', async () => {
    const { hub, reads, watch, nthRead, latencies } = createHub();
    const channel = await watch(2, pageOf(30, 20));
    const sessions = await joinSlowly(channel, 40);
    hub.hear(changeTo(40));
    (await nthRead(2)).answer({ ...pageOf(40, 30), readAt: 2000 });
    await until('some have it', () => sessions.some(({ shown }) => shown.includes(2000)));
    hub.learn(changeTo(50, 'user 2'));
    await until('the next round is over', () => latencies.length === 2);
    const risen = versionOf(channel);
    expect(shownBy(channel)[0]).toEqual(['user 2', 50]);
    expect(sessions.at(0)?.shown).toEqual([1000, 2000, risen]);
    expect(sessions.at(-1)?.shown).toEqual([1000, risen]);
    for (const { shown } of sessions) expect(shown.at(-1)).toBe(risen);
    expect(reads).toHaveLength(2);
  });

  test('reads what could not be read during a long round when it is over', async () => {
    const { hub, reads, watch, nthRead } = createHub();
    const channel = await watch(2, pageOf(30, 20));
    const sessions = await joinSlowly(channel, 20);
    hub.hear(changeTo(40));
    (await nthRead(2)).answer({ ...pageOf(40, 30), readAt: 2000 });
    await until('the round has begun', () => sessions.at(0)?.shown.at(-1) === 2000);
    hub.hear(changeTo(50));
    (await nthRead(3)).fail();
    await until('the round is over', () => sessions.every(({ shown }) => shown.at(-1) === 2000));
    expect(reads).toHaveLength(3);
    (await nthRead(4)).answer(pageOf(50, 40));
    await until('it is shown', () => shownBy(channel)[0]?.[1] === 50);
  });

  test('reads again when something was heard of during a read that failed', async () => {
    const { hub, reads, watch, nthRead } = createHub();
    const channel = await watch(2, pageOf(30, 20));
    hub.hear(changeTo(40));
    const second = await nthRead(2);
    hub.hear(changeTo(50));
    second.fail();
    (await nthRead(3)).answer(pageOf(50, 40));
    await until('it is shown', () => shownBy(channel)[0]?.[1] === 50);
    expect(reads).toHaveLength(3);
  });

  test('does not try again by itself what cannot be read', async () => {
    const { hub, reads, watch, nthRead } = createHub(0);
    await watch(2, pageOf(30, 20));
    hub.hear(changeTo(40));
    (await nthRead(2)).fail();
    const failedAt = performance.now();
    await until('many intervals have passed', () => performance.now() - failedAt > 50);
    expect(reads).toHaveLength(2);
  });

  test('shows of a message nothing but what it reads', async () => {
    const { hub, watch, nthRead } = createHub(0);
    const channel = await watch(2, pageOf(30, 20));
    hub.hear(changeTo(99, 'user 2'));
    (await nthRead(2)).answer(pageOf(31, 20));
    await until('it is shown', () => shownBy(channel)[0]?.[1] === 31);
    expect(shownBy(channel)).not.toContainEqual(['user 2', 99]);
  });

  test('reads as far down as the longest page when the players have become more than the shorter one shows', async () => {
    const { hub, watch, nthRead } = createHub();
    const short = await watch(2, pageOf(30));
    const long = hub.hold(3);
    await hub.ready(long);
    await joinSlowly(short, 40);
    hub.learn(changeTo(40, 'user 1'));
    await until('a round has begun', () => shownBy(short)[0]?.[1] === 40);
    hub.hear(changeTo(20));
    const second = await nthRead(2);
    expect(second.limit).toBe(3);
    second.answer(pageOf(40, 20, 10));
    await until('it is shown', () => shownBy(long).length === 3);
    hub.release(long);
  });

  test('shows no page that was read for a shorter one to who came for a longer one meanwhile', async () => {
    const { hub, watch, nthRead } = createHub(0);
    const long = hub.hold(3);
    await watch(2, pageOf(30, 20, 10));
    hub.release(long);
    hub.hear(changeTo(40));
    const second = await nthRead(2);
    const late = hub.hold(3);
    await hub.ready(late);
    second.answer(pageOf(40, 30));
    const third = await nthRead(3);
    expect(shownBy(late)).toHaveLength(3);
    expect(third.limit).toBe(3);
    third.answer(pageOf(40, 30, 20));
    await until('it is shown', () => shownBy(late)[2]?.[1] === 20);
    hub.release(late);
  });
});
