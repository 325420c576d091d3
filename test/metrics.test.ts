import { beforeAll, describe, expect, it } from 'vitest';

import { type ActionClaims, signActionToken } from '../src/actions/index.ts';
import { boardKeys } from '../src/leaderboards/ranking-index/keys.ts';
import { durationsAt } from '../src/telemetry/distribution.ts';
import { metricDefinitions } from '../src/telemetry/metric-names.ts';
import type { Metrics } from '../src/telemetry/metrics.ts';
import { toPrometheusName } from '../src/telemetry/prometheus.ts';
import { type EmfEvent, findFlaws, valuesOf } from './emf/schema.ts';
import { createTestDatabase } from './harness/database.ts';
import { nth, startFleet } from './harness/fleet.ts';
import { scoreAndWatch } from './harness/live-stage.ts';
import { createLeaderboard, registerPlayer, score, submitScore, type TestPlayer } from './harness/play.ts';
import { insertPlayers, signTestAction } from './harness/players.ts';
import { startProcess } from './harness/process.ts';
import { startTestService, type TestService } from './harness/service.ts';
import { openStream } from './harness/streams.ts';
import { testSecrets } from './harness/test-config.ts';
import { readMetric } from './harness/told-metrics.ts';
import { until } from './harness/until.ts';

/** How much a number of the metrics rises while `work` is done. */
async function riseOf(read: () => number, work: () => Promise<unknown>): Promise<number> {
  const before = read();
  await work();
  return read() - before;
}

describe('what becomes of action tokens', () => {
  let service: TestService;
  let metrics: Metrics;
  let player: TestPlayer;
  beforeAll(async () => {
    service = await startTestService();
    ({ metrics } = service);
    player = await registerPlayer(service);
  });

  const claims = (): ActionClaims => ({
    actionId: crypto.randomUUID(),
    userId: player.userId,
    maxScore: 100,
    expiresAt: Math.ceil(service.clock.now() / 1000) + 300,
    leaderboardId: 'global',
  });
  const sign = (change: Partial<ActionClaims> = {}, secret = testSecrets.ACTION_TOKEN_SECRET): string =>
    signActionToken({ ...claims(), ...change }, secret);
  const verified = () => metrics.actionTokensVerified.total;
  const rejected = () => metrics.actionTokensRejected.total;

  it('is counted when they are spent, and when a verdict is asked for again', async () => {
    const token = sign();
    const spend = async () => await submitScore(service, player, token, 10);
    expect(await riseOf(verified, spend)).toBe(1);
    expect(await riseOf(verified, spend)).toBe(1);
    expect(rejected()).toBe(0);
  });

  it.each([
    ['action_token_malformed', (): string => 'no token', 1],
    ['action_token_malformed', () => sign({ leaderboardId: 'nowhere' }), 1],
    ['action_token_invalid', () => sign({}, 'another secret'), 1],
    ['action_token_expired', () => sign({ expiresAt: 1 }), 1],
    ['action_token_wrong_user', () => sign({ userId: crypto.randomUUID() }), 1],
    ['score_delta_exceeds_max', () => sign({ maxScore: 1 }), 2],
  ] as const)('is counted with its reason: %s', async (code, token, delta) => {
    const ofCode = () => metrics.actionTokensRejected.byCode.get(code) ?? 0;
    const spend = async (): Promise<void> =>
      expect(await submitScore(service, player, token(), delta)).toMatchObject({ body: { code } });
    const [all, good] = [rejected(), verified()];
    expect(await riseOf(ofCode, spend)).toBe(1);
    expect([rejected() - all, verified() - good]).toEqual([1, 0]);
  });

  it('is a rejection when one was spent before in another way', async () => {
    const token = sign();
    await submitScore(service, player, token, 10);
    const ofCode = () => metrics.actionTokensRejected.byCode.get('action_already_consumed') ?? 0;
    const good = verified();
    expect(await riseOf(ofCode, async () => await submitScore(service, player, token, 11))).toBe(1);
    expect(verified()).toBe(good);
  });

  it('is not counted for requests that never showed one', async () => {
    const [all, good] = [rejected(), verified()];
    await submitScore(service, { accessToken: 'nobody' }, sign(), 1);
    await submitScore(service, player, sign(), -1);
    expect([rejected(), verified()]).toEqual([all, good]);
  });
});

describe('the metrics of requests', () => {
  let service: TestService;
  let metrics: Metrics;
  let player: TestPlayer;
  beforeAll(async () => {
    service = await startTestService();
    ({ metrics } = service);
    player = await registerPlayer(service);
    await score(service, player, 5);
  });

  const updates = () => metrics.scoreUpdateLatency.tally().count;
  const reads = () => metrics.leaderboardReadLatency.tally().count;

  it('have the duration of each score update that was answered, and of none that was refused', async () => {
    expect(await riseOf(updates, async () => await score(service, player, 5))).toBe(1);
    expect(await riseOf(updates, async () => await submitScore(service, player, 'no token', 1))).toBe(0);
    const [shortest = 0] = durationsAt(metrics.scoreUpdateLatency.tally(), [1]);
    expect(shortest).toBeGreaterThan(0);
  });

  it('have the duration of each page and position', async () => {
    for (const path of ['/v1/leaderboards/global', `/v1/leaderboards/global/users/${player.userId}`])
      expect(await riseOf(reads, async () => await service.request(path))).toBe(1);
    const { headers } = await service.request('/v1/leaderboards/global');
    const again = { headers: { 'If-None-Match': headers.get('ETag') ?? '' } };
    expect(await riseOf(reads, async () => await service.request('/v1/leaderboards/global', again))).toBe(1);
    expect(await riseOf(reads, async () => await service.request('/v1/leaderboards/nowhere'))).toBe(0);
  });

  it('count every request but the probes', async () => {
    const requests = () => metrics.requests.total;
    expect(await riseOf(requests, async () => await service.request('/v1/leaderboards'))).toBe(1);
    expect(await riseOf(requests, async () => await service.request('/nowhere'))).toBe(1);
    expect(await riseOf(requests, async () => await service.request('/health/ready'))).toBe(0);
  });

  it('count answers that a limit refused', async () => {
    const limited = await startTestService({
      env: { RATE_LIMIT_ENABLED: 'true', RATE_LIMIT_READS_PER_MINUTE: '2' },
    });
    for (let n = 0; n < 5; n += 1) await limited.request('/v1/leaderboards');
    expect(limited.metrics.rateLimited.total).toBe(3);
    expect(limited.metrics.serverErrors.total).toBe(0);
  });

  it('count answers that failed, with their duration', async () => {
    const broken = await startTestService();
    const rest = await registerPlayer(broken);
    await broken.db.run({ name: 'test_break', text: 'ALTER TABLE scores RENAME TO lost_scores' }, []);
    expect((await submitScore(broken, rest, signTestAction(rest.userId), 1)).status).toBe(500);
    expect(broken.metrics.serverErrors.total).toBe(1);
    expect(broken.metrics.scoreUpdateLatency.tally().count).toBe(1);
    expect(broken.metrics.actionTokensVerified.total).toBe(1);
  });

  it('count scores that met the greatest total', async () => {
    const capped = () => metrics.scoresCapped.total;
    const max = Number.MAX_SAFE_INTEGER;
    expect(await riseOf(capped, async () => await score(service, player, max))).toBe(1);
    expect(await riseOf(capped, async () => await score(service, await registerPlayer(service), 5))).toBe(0);
  });
});

describe('the metrics of the ranking index', () => {
  let service: TestService;
  let metrics: Metrics;
  let player: TestPlayer;
  beforeAll(async () => {
    service = await startTestService({ mode: 'PostgreSQL and Redis' });
    ({ metrics } = service);
    player = await registerPlayer(service);
    await score(service, player, 5);
  });

  const verify = async (board: string) =>
    await service.request(`/v1/admin/leaderboards/${board}/sync`, {
      token: service.keys.operator,
      method: 'POST',
    });

  it('tell how many players had drifted at the last verification', async () => {
    const board = await createLeaderboard(service);
    await score(service, player, 5, { leaderboardId: board });
    await verify(board);
    expect(metrics.leaderboardDrift.byLeaderboard.get(board)).toBe(0);
    const key = boardKeys(board).board;
    const [member] = (await service.redis?.commands.zrange<string[]>(key, 0, 0)) ?? [];
    await service.redis?.commands.zincrby(key, 1, String(member));
    await verify(board);
    expect(metrics.leaderboardDrift.byLeaderboard.get(board)).toBe(1);
    expect(metrics.leaderboardDrift.value).toBe(1);
    await verify(board);
    expect(metrics.leaderboardDrift.value).toBe(0);
  });

  it('count reads that PostgreSQL answered instead, and no others', async () => {
    const fallbacks = () => metrics.redisFallbacks.total;
    const read = async () => await service.request('/v1/leaderboards/global');
    const unranked = `/v1/leaderboards/global/users/${(await registerPlayer(service)).userId}`;
    expect(await riseOf(fallbacks, read)).toBe(0);
    expect(await riseOf(fallbacks, async () => await service.request(unranked))).toBe(0);
    await service.redis?.close();
    expect(await riseOf(fallbacks, read)).toBe(1);
  });

  it('tell how many changes it has yet to learn', async () => {
    expect(metrics.retryQueueDepth.value).toBe(0);
    await service.redis?.close();
    await score(service, player, 5);
    expect(metrics.retryQueueDepth.value).toBe(1);
  });
});

describe('GET /metrics', () => {
  it('tells them to Prometheus', async () => {
    const service = await startTestService();
    await score(service, await registerPlayer(service), 5);
    const { status, headers, text } = await service.request('/metrics');
    expect(status).toBe(200);
    expect(headers.get('Content-Type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(headers.get('Cache-Control')).toBe('no-store');
    for (const definition of metricDefinitions)
      expect(text).toContain(`# TYPE ${toPrometheusName(definition)} `);
    expect(text).toContain('\nlaurel_score_update_latency_seconds_count 1\n');
    expect(text).toContain('\nlaurel_action_tokens_verified_total 1\n');
  });
});

describe('a process', () => {
  const isEmf = (line: object): line is EmfEvent => '_aws' in line;

  it('tells CloudWatch every metric there is, the last of them when it stops', async () => {
    const { url: databaseUrl } = await createTestDatabase();
    const service = await startProcess({ DATABASE_URL: databaseUrl, METRICS_EMF: 'true' });
    for (let n = 0; n < 3; n += 1) await fetch(`${service.url}/v1/leaderboards/global`);
    await fetch(`${service.url}/v1/leaderboards/nowhere`);
    await service.stop();
    const events = service.logs.filter(isEmf);
    expect(events.flatMap((event) => findFlaws(JSON.stringify(event)))).toEqual([]);
    const told = events.flatMap(({ _aws }) =>
      _aws.CloudWatchMetrics.flatMap(({ Metrics }) => Metrics.map(({ Name }) => Name)),
    );
    // Durations are told where there are any: no score was sent here, and no stream is open.
    const expected = metricDefinitions
      .map(({ name }) => name)
      .filter((name) => name !== 'ScoreUpdateLatency' && name !== 'BroadcastLatency');
    expect(new Set(told)).toEqual(new Set<string>(expected));
    expect(sum(valuesOf(events, 'Requests'))).toBe(4);
    expect(valuesOf(events, 'LeaderboardReadLatency')).toHaveLength(3);
    expect(Math.min(...valuesOf(events, 'ResidentMemory'))).toBeGreaterThan(10_000_000);
  });

  it('tells Prometheus how many streams are open, and how long changes took to reach them', async () => {
    const { processes, db } = await startFleet(1, { SSE_MAX_CONNECTIONS: '20' });
    const service = nth(processes, 0);
    const read = async (name: string) => await readMetric(service, `laurel_${name}`);
    expect(await read('sse_connections')).toBe(0);
    const open = async () => await openStream(`${service.url}/v1/leaderboards/global/stream`);
    const streams = [await open(), await open(), await open()];
    expect(await read('sse_connections')).toBe(3);
    expect(await read('sse_capacity_used_ratio')).toBe(0.15);
    expect(await read('broadcast_latency_seconds_count')).toBe(0);

    const players = await insertPlayers(db, 5);
    let scores = 0;
    // One that a re-read happens to show before it is heard of does not count.
    await until('a change is counted', async () => {
      await scoreAndWatch(service, nth(players, scores), streams);
      scores += 1;
      return (await read('broadcast_latency_seconds_count')) > 0;
    });
    // Once for all streams.
    expect(await read('broadcast_latency_seconds_count')).toBeLessThanOrEqual(scores);
    expect(await read('broadcast_latency_seconds_sum')).toBeGreaterThan(0);
    streams[0]?.close();
    await until('one is gone', async () => (await read('sse_connections')) === 2);
  });

  it.each([
    ['tells it nothing', {}],
    [
      'tells it nothing even in production when it is told not to',
      { NODE_ENV: 'production', METRICS_EMF: 'false' },
    ],
  ])('%s', async (_, env) => {
    const { url: databaseUrl } = await createTestDatabase();
    const service = await startProcess({ DATABASE_URL: databaseUrl, ...env });
    await service.stop();
    expect(service.logs.filter(isEmf)).toEqual([]);
  });

  it('tells it in production when nothing else is said', async () => {
    const { url: databaseUrl } = await createTestDatabase();
    const service = await startProcess({ DATABASE_URL: databaseUrl, NODE_ENV: 'production' });
    await service.stop();
    expect(service.logs.filter(isEmf)).toHaveLength(1);
  });
});

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
