import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pace } from 'node:timers/promises';

import { EventSource } from 'eventsource';
import { expect, it, onTestFinished } from 'vitest';

import { boardOfPostgres } from '../harness/board-comparison.ts';
import { startBalancer } from '../harness/balancer.ts';
import { nth, startFleet } from '../harness/fleet.ts';
import { type InsertedPlayer, insertPlayers, signTestAction } from '../harness/players.ts';
import { startProcess } from '../harness/process.ts';
import { openStream } from '../harness/streams.ts';
import { until } from '../harness/until.ts';

/** `LAUREL_DEPLOY_STREAMS=300` makes the run of record. */
const STREAMS = Number(process.env['LAUREL_DEPLOY_STREAMS'] ?? 12);
const PACE_MS = 50;

interface Shown {
  readonly version: number;
  readonly entries: readonly unknown[];
}

/** Reads a stream as a browser does, and keeps what it shows. */
function watch(url: string) {
  const source = new EventSource(`${url}/v1/leaderboards/global/stream?limit=100`);
  onTestFinished(() => source.close());
  const shown: Shown[] = [];
  let closings = 0;
  source.addEventListener('leaderboard', ({ data }) => shown.push(JSON.parse(String(data)) as Shown));
  source.addEventListener('closing', () => (closings += 1));
  return { source, shown, closings: () => closings };
}

/** On a connection of its own: one that is kept alive may be closed just when it is used. */
async function spendOnce(url: string, { userId, accessToken }: InsertedPlayer): Promise<number> {
  const body = JSON.stringify({ action_token: signTestAction(userId), score_delta: 1 });
  return await new Promise((resolve, reject) => {
    const headers = { Authorization: `Bearer ${accessToken}`, 'Content-Type': 'application/json' };
    request(`${url}/v1/scores`, { method: 'POST', agent: false, headers }, (response) => {
      text(response).then(() => resolve(response.statusCode ?? 0), reject);
    })
      .on('error', reject)
      .end(body);
  });
}

it('a deploy fails no request, and brings every EventSource back', { timeout: 300_000 }, async () => {
  const balancer = await startBalancer();
  const { processes, db, databaseUrl } = await startFleet(3);
  for (const process of processes) balancer.add(process);
  const players = await insertPlayers(db, 20);
  await until('somebody is ready', async () => (await fetch(`${balancer.url}/health/ready`)).ok);
  const clients = Array.from({ length: STREAMS }, () => watch(balancer.url));
  await until('all are connected', () => clients.every(({ shown }) => shown.length > 0), {
    timeoutMs: 60_000,
  });

  const answers: (number | string)[] = [];
  const stopping = new AbortController();
  const load = [0, 1].map(async (lane) => {
    for (let n = lane; !stopping.signal.aborted; n += 2) {
      answers.push(await spendOnce(balancer.url, nth(players, n)).catch(String));
      await pace(PACE_MS);
    }
  });
  for (const old of processes) {
    balancer.add(await startProcess({ DATABASE_URL: databaseUrl }));
    expect(await old.stop()).toMatchObject({ code: 0, stderr: '' });
    balancer.remove(old);
  }
  await until('every stream was ended once, and came back', () =>
    clients.every(({ source, closings }) => closings() > 0 && source.readyState === EventSource.OPEN),
  );
  stopping.abort();
  await Promise.all(load);

  expect(answers.length).toBeGreaterThan(20);
  expect(answers.filter((answer) => answer !== 200)).toEqual([]);
  const order = JSON.stringify(await boardOfPostgres(db));
  for (const { shown } of clients) {
    await until('it shows the newest', () => JSON.stringify(shown.at(-1)?.entries) === order);
    const versions = shown.map(({ version }) => version);
    expect(versions).toEqual(versions.toSorted((one, other) => one - other));
  }
});

it('SIGTERM ends every stream with an event, and the process', { timeout: 120_000 }, async () => {
  const { processes, db } = await startFleet(1);
  const process = nth(processes, 0);
  await insertPlayers(db, 1);
  const url = `${process.url}/v1/leaderboards/global/stream`;
  const streams = await Promise.all(Array.from({ length: 50 }, async () => await openStream(url)));
  expect(await process.stop()).toMatchObject({ code: 0, stderr: '' });
  for (const stream of streams) {
    await stream.ended;
    expect(stream.events().at(-1)).toMatchObject({ event: 'closing', retry: expect.stringMatching(/^\d+$/) });
  }
  const retries = new Set(streams.map((stream) => stream.events().at(-1)?.retry));
  expect(retries.size).toBeGreaterThan(25);
});
