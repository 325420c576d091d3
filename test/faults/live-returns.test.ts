import { describe, expect, it } from 'vitest';

import { boardOfPostgres } from '../harness/board-comparison.ts';
import { nth, spend } from '../harness/fleet.ts';
import {
  createLiveStage,
  expectOrderOfPostgres,
  type LiveStage,
  scoreAndWatch,
  startOnStage,
  watchBoard,
} from '../harness/live-stage.ts';
import type { EntryBody } from '../harness/play.ts';
import { signTestAction } from '../harness/players.ts';
import type { TestProcess } from '../harness/process.ts';
import { repeat } from '../harness/repeat.ts';
import type { TestStream } from '../harness/streams.ts';
import { until } from '../harness/until.ts';

/** `LAUREL_LIVE_RETURNS=10` makes the run of record, and tells its figures; the default keeps the suite short. */
const record = process.env['LAUREL_LIVE_RETURNS'];
const runs = Array.from({ length: Number(record ?? 1) }, (_, index) => index + 1);
const timeout = 120_000;
/** How soon after the return of what was away every stream must show the order of PostgreSQL. */
const HEALED_MS = 3000;
/** For a machine that does other things too; the run of record has it to itself. */
const SLACK_MS = record === undefined ? 2000 : 0;
/** Half of what a re-read alone would take in the middle. */
const SOON_MS = 500;
const PACE_MS = 50;

/**
 * Waits until every stream shows, in the right order, whatever PostgreSQL has at the time of the call, while scores may
 * go on. Throws unless that is within 3 s of the return.
 */
async function heal(
  what: string,
  returnedAt: number,
  { db }: LiveStage,
  streams: readonly TestStream[],
): Promise<void> {
  const order = await boardOfPostgres(db);
  const shows = (stream: TestStream) => isAsNewAs(order, stream.pages().at(-1)?.entries ?? []);
  const timeoutMs = HEALED_MS + SLACK_MS - (performance.now() - returnedAt);
  await until('every stream shows the order of PostgreSQL', () => streams.every(shows), { timeoutMs });
  const tookMs = Math.round(performance.now() - returnedAt);
  if (record !== undefined) process.stdout.write(`${what}: the order of PostgreSQL after ${tookMs} ms\n`);
}

function isAsNewAs(order: readonly EntryBody[], shown: readonly EntryBody[]): boolean {
  const totals = new Map(shown.map(({ user_id, total_score }) => [user_id, total_score]));
  const isWhole = order.every(({ user_id, total_score }) => (totals.get(user_id) ?? -1) >= total_score);
  return isWhole && JSON.stringify(shown) === JSON.stringify(shown.toSorted(byRank));
}

/** Instants have one width, so that their text has the order of their times. */
function byRank(one: EntryBody, other: EntryBody): number {
  if (one.total_score !== other.total_score) return other.total_score - one.total_score;
  if (one.score_first_reached_at !== other.score_first_reached_at)
    return one.score_first_reached_at < other.score_first_reached_at ? -1 : 1;
  return one.user_id > other.user_id ? -1 : 1;
}

/** Scores again and again, at one process after the other. */
function startScoring(processes: readonly TestProcess[], { players }: LiveStage) {
  const statuses: number[] = [];
  const { stop } = repeat(async (n) => {
    const player = nth(players, n * 3);
    const { status } = await spend(nth(processes, n), player, signTestAction(player.userId), 1 + (n % 7));
    statuses.push(status);
  }, PACE_MS);
  return { statuses, stop };
}

describe.each(runs)('within 3 s every stream shows the order of PostgreSQL, run %i,', () => {
  it.each([
    ['PostgreSQL alone', false],
    ['PostgreSQL and Redis', true],
  ] as const)('after a process was killed and came back, with %s', { timeout }, async (stores, withRedis) => {
    const stage = await createLiveStage(withRedis);
    const processes = await Promise.all([1, 2, 3].map(async () => await startOnStage(stage)));
    const streams = await Promise.all(processes.map(watchBoard));
    await scoreAndWatch(nth(processes, 0), nth(stage.players, 0), streams);
    await nth(processes, 2).kill();
    await scoreAndWatch(nth(processes, 0), nth(stage.players, 1), streams.slice(0, 2));
    const back = await startOnStage(stage);
    const returnedAt = performance.now();
    const all = [...streams.slice(0, 2), await watchBoard(back)];
    await heal(`a process, ${stores}`, returnedAt, stage, all);
    await scoreAndWatch(back, nth(stage.players, 2), all);
    await expectOrderOfPostgres(stage, all);
  });

  it('after Redis was killed and came back, while scores go on', { timeout }, async () => {
    const stage = await createLiveStage(true);
    const processes = await Promise.all([1, 2, 3].map(async () => await startOnStage(stage)));
    const streams = await Promise.all(processes.map(watchBoard));
    const load = startScoring(processes, stage);
    await until('scores go on', () => load.statuses.length > 10);
    await stage.redis?.crash();
    await scoreAndWatch(nth(processes, 1), nth(stage.players, 1), streams);
    await stage.redis?.start();
    await heal('Redis', performance.now(), stage, streams);
    await scoreAndWatch(nth(processes, 2), nth(stage.players, 2), streams);
    await load.stop();
    expect(new Set(load.statuses)).toEqual(new Set([200]));
    await expectOrderOfPostgres(stage, streams);
  });

  it('after the connections that tell of changes were cut', { timeout }, async () => {
    const stage = await createLiveStage(false);
    const processes = await Promise.all([1, 2].map(async () => await startOnStage(stage)));
    const streams = await Promise.all(processes.map(watchBoard));
    const listeners = async () =>
      await stage.db.run<{ pid: number }>(listening, []).then((rows) => rows.map(({ pid }) => pid));
    const before = await until(
      'both listen',
      async () => (await listeners()).length === 2 && (await listeners()),
    );
    await stage.db.run(cut, []);
    // The server was never away, so the time counts from the cut; nobody may be told of this score.
    const cutAt = performance.now();
    const unheard = nth(stage.players, 9);
    expect(await spend(nth(processes, 0), unheard, signTestAction(unheard.userId), 10)).toMatchObject({
      status: 200,
    });
    await heal('LISTEN', cutAt, stage, streams);
    await until('both listen again', async () => {
      const now = await listeners();
      return now.length === 2 && now.every((pid) => !before.includes(pid));
    });
    const took: number[] = [];
    for (let n = 0; n < 5; n += 1)
      took.push(await scoreAndWatch(nth(processes, n), nth(stage.players, n), streams));
    const [middle = Infinity] = took.toSorted((one, other) => one - other).slice(2);
    expect(middle).toBeLessThan(SOON_MS);
    await expectOrderOfPostgres(stage, streams);
  });
});

const isListening = `datname = current_database() AND application_name = 'laurel-notices'`;
const listening = {
  name: 'test_listening',
  text: `SELECT pid FROM pg_stat_activity WHERE ${isListening} AND state = 'idle' ORDER BY pid`,
};
const cut = {
  name: 'test_cut_listening',
  text: `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${isListening}`,
};
