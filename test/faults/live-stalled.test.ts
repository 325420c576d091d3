import { expect, it } from 'vitest';

import type { Database } from '../../src/db/index.ts';
import { nth, spend, startFleet } from '../harness/fleet.ts';
import { delaysOf, type LeaderStream, openLeaderStream, type Sight } from '../harness/leader-streams.ts';
import { type InsertedPlayer, insertPlayers, signTestAction } from '../harness/players.ts';
import type { TestProcess } from '../harness/process.ts';
import { repeat } from '../harness/repeat.ts';
import { insertScoredPlayers } from '../harness/stored-board.ts';
import { watchMetric } from '../harness/told-metrics.ts';
import { until } from '../harness/until.ts';

/** `LAUREL_STALLED_SECONDS=300` makes the run of record, and tells its figures: clients stall again and again. */
const record = process.env['LAUREL_STALLED_SECONDS'];
const SECONDS = Number(record ?? 0);
const STREAMS = record === undefined ? 40 : 200;
const STALLED = STREAMS / 10;
const CALM_MS = 4000;
/** Between two scores, and as often the service broadcasts: the run of record as by default, the other one in less time. */
const PACE_MS = record === undefined ? 25 : 100;
/** How long a client may be behind. */
const WRITE_DEADLINE_MS = 15_000;
/** The buffers between hold the pages of a few seconds, before which nobody is behind; the rest is for a busy machine. */
const FILL_MS = 30_000;
/** No page may come so much later, because of those who do not read, than the latest did before. */
const LATER_MS = 500;
/** The heap comes and goes by as much; what a queue for each of those who stall would take rises without end. */
const GROWTH_BYTES = 32 * 2 ** 20;

/** A full page, on which one player leads more and more. */
async function startLead(service: TestProcess, db: Database) {
  await insertScoredPlayers(
    db,
    'global',
    Array.from({ length: 99 }, () => 1),
  );
  const [leader] = (await insertPlayers(db, 1)) as [InsertedPlayer];
  const acknowledged: Sight[] = [];
  const lead = async () => {
    const { status, body } = await spend(service, leader, signTestAction(leader.userId), 10);
    expect(status).toBe(200);
    acknowledged.push({ total: body.total_score, at: performance.now() });
  };
  await lead();
  const { stop } = repeat(lead, PACE_MS);
  return { acknowledged, stop };
}

async function openStreams({ url }: TestProcess, count: number): Promise<LeaderStream[]> {
  const open = async () => await openLeaderStream(`${url}/v1/leaderboards/global/stream?limit=100`);
  return await Promise.all(Array.from({ length: count }, open));
}

/** Lets clients stall until all of them were cut; resolves with how long that took. */
async function stall(service: TestProcess, stalling: readonly LeaderStream[]): Promise<number> {
  expect(await fetch(`${service.url}/v1/leaderboards/global/stream`)).toMatchObject({ status: 503 });
  const connections = watchMetric(service, 'laurel_sse_connections');
  const stalledAt = performance.now();
  for (const stream of stalling) stream.stopReading();
  const left = STREAMS - stalling.length;
  await until('they are cut', () => connections.samples.at(-1)?.value === left, {
    timeoutMs: WRITE_DEADLINE_MS + FILL_MS,
  });
  await connections.stop();
  const firstCut = connections.samples.find(({ value }) => value < STREAMS);
  expect(firstCut?.at).toBeGreaterThan(stalledAt + WRITE_DEADLINE_MS);
  expect(Math.min(...connections.samples.map(({ value }) => value))).toBe(left);
  return performance.now() - stalledAt;
}

/** The latest that any of the readers was told of what was acknowledged between two moments, in milliseconds. */
function slowestOf(readers: readonly LeaderStream[], acknowledged: readonly Sight[]): number {
  expect(acknowledged.length).toBeGreaterThan(10);
  return Math.max(...readers.map((reader) => Math.max(...delaysOf(reader, acknowledged))));
}

/** From the first third of the samples to the last. */
function growthOf(samples: readonly { readonly value: number }[]): number {
  const values = samples.map(({ value }) => value);
  const third = Math.floor(values.length / 3);
  return middleOf(values.slice(-third)) - middleOf(values.slice(0, third));
}

function middleOf(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? NaN;
}

const timeout = SECONDS * 1000 + 180_000;
it('clients that stop reading are cut, and nobody else notices', { timeout }, async () => {
  const { processes, db } = await startFleet(1, {
    SSE_MAX_CONNECTIONS: String(STREAMS),
    BROADCAST_INTERVAL_MS: String(PACE_MS),
  });
  const service = nth(processes, 0);
  const lead = await startLead(service, db);
  const readers = await openStreams(service, STREAMS - STALLED);
  let stalling = await openStreams(service, STALLED);
  const beganAt = performance.now();
  await until('all have read for a while', () => performance.now() - beganAt > CALM_MS);

  const memory = watchMetric(service, 'laurel_resident_memory_bytes');
  const stalledAt = performance.now();
  const cutAfterMs: number[] = [];
  do {
    cutAfterMs.push(await stall(service, stalling));
    // Only as many as were cut find room.
    stalling = await openStreams(service, STALLED);
  } while (performance.now() - stalledAt < SECONDS * 1000);
  await Promise.all([memory.stop(), lead.stop()]);
  const newest = lead.acknowledged.at(-1)?.total;
  await until('all show the newest', () => readers.every(({ seen }) => seen.at(-1)?.total === newest));

  const [before, after] = [
    lead.acknowledged.filter(({ at }) => at > beganAt && at < stalledAt),
    lead.acknowledged.filter(({ at }) => at > stalledAt),
  ];
  const calmMs = slowestOf(readers, before);
  const stalledMs = slowestOf(readers, after);
  const growth = growthOf(memory.samples);
  if (record !== undefined) {
    const told = { scores: after.length, calmMs, stalledMs, growthMiB: growth / 2 ** 20, cutAfterMs };
    process.stdout.write(`stalled clients: ${JSON.stringify(told)}\n`);
  }
  expect(stalledMs).toBeLessThan(calmMs + LATER_MS);
  expect(growth).toBeLessThan(GROWTH_BYTES);
  expect(await service.stop()).toMatchObject({ code: 0, stderr: '' });
});
