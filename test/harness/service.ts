import { createApp } from '../../src/app.ts';
import { seedApiKeys } from '../../src/auth/index.ts';
import type { Clock } from '../../src/clock.ts';
import type { Config } from '../../src/config.ts';
import type { Database } from '../../src/db/index.ts';
import { listen } from '../../src/http/server.ts';
import {
  type BoardChanges,
  createBoardChanges,
  createLeaderboards,
  createRankings,
  GLOBAL_LEADERBOARD,
  type Leaderboards,
} from '../../src/leaderboards/index.ts';
import { createLive, type Live } from '../../src/live/index.ts';
import type { RedisClient } from '../../src/redis/index.ts';
import { createHealth } from '../../src/telemetry/health.ts';
import { createLogger } from '../../src/telemetry/log.ts';
import { createMetrics, type Metrics } from '../../src/telemetry/metrics.ts';
import { observeOrigin, observeRequests } from '../contract/observe.ts';
import { cleanUp } from './cleanup.ts';
import { openTestStore } from './database.ts';
import { type Mode, toStores } from './modes.ts';
import { createTestRedis } from './redis.ts';
import { connectBy } from './redis-clients.ts';
import { testConfig, testSecrets } from './test-config.ts';
import { until } from './until.ts';

interface TestServiceOptions {
  /** PostgreSQL unless given. */
  readonly mode?: Mode;
  /** An open store in place of a new one. */
  readonly db?: Database;
  readonly env?: Readonly<Record<string, string>>;
  /** Listens on a free port too, for what `request` cannot show. */
  readonly listening?: boolean;
}

interface TestClock {
  /** Begins at the real time and stands still. PostgreSQL has a clock of its own. */
  now: Clock;
  advance(ms: number): void;
}

interface RequestOptions {
  /** GET without a body, and POST with one. */
  readonly method?: string;
  readonly token?: string | undefined;
  /** Text is sent as it is, anything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed JSON; an empty object when the answer is not JSON. */
  readonly body: Body;
  readonly text: string;
}

export interface TestService {
  readonly mode: Mode;
  readonly app: ReturnType<typeof createApp>;
  readonly db: Database;
  readonly redis: RedisClient | undefined;
  readonly leaderboards: Leaderboards;
  readonly changes: BoardChanges;
  readonly live: Live;
  readonly config: Config;
  readonly metrics: Metrics;
  readonly clock: TestClock;
  readonly keys: { readonly gameService: string; readonly operator: string };
  /** Where it listens; empty unless asked for. */
  readonly url: string;
  request<Body = Record<string, unknown>>(path: string, options?: RequestOptions): Promise<Answer<Body>>;
}

/** The whole service on a store of its own, without a process; stopped after the file. */
export async function startTestService(options: TestServiceOptions = {}): Promise<TestService> {
  const config = testConfig(options.env);
  const { mode = 'PostgreSQL' } = options;
  const stores = toStores(mode);
  const db = options.db ?? (await openTestStore(stores.store));
  await seedApiKeys({ db, secrets: config.secrets });
  const clock = createTestClock();
  const log = createLogger(config.logLevel);
  const driftIntervalMs = stores.redis && config.rankings.driftCheckIntervalSeconds * 1000;
  const metrics = createMetrics({ clock: clock.now, driftIntervalMs });
  const redis = stores.redis && (await connectBy(stores.redis, await createTestRedis()));
  const changes = createBoardChanges();
  const rankings = redis && createRankings({ db, redis, clock: clock.now, changes, log, metrics });
  cleanUp(async () => await rankings?.close());
  const health = createHealth({ db, redis });
  const leaderboards = createLeaderboards({ db, rankings, config });
  const live = createLive({ leaderboards, changes, config, log });
  const app = observeRequests(
    createApp({
      config,
      db,
      log,
      metrics,
      clock: clock.now,
      redis,
      rankings,
      leaderboards,
      changes,
      live,
      health,
    }),
  );
  const url = options.listening === true ? await serve(app) : '';
  const keys = { gameService: testSecrets.GAME_SERVICE_API_KEY, operator: testSecrets.ADMIN_API_KEY };
  const request = async <Body>(path: string, init?: RequestOptions) =>
    await toAnswer<Body>(await app.request(path, toRequestInit(init)));
  const service = {
    mode,
    app,
    db,
    redis,
    leaderboards,
    changes,
    live,
    config,
    metrics,
    clock,
    keys,
    url,
    request,
  };
  if (redis !== undefined) await untilIndexed(service, GLOBAL_LEADERBOARD);
  return service;
}

/** Resolves when the board is read from Redis, so that what follows is about the index. */
export async function untilIndexed(
  { request }: Pick<TestService, 'request'>,
  leaderboardId: string,
): Promise<void> {
  await until(`${leaderboardId} is read from Redis`, async () => {
    const { headers } = await request(`/v1/leaderboards/${leaderboardId}?limit=1`);
    return headers.get('X-Leaderboard-Source') === 'redis';
  });
}

/** Brings what a test wrote past the service into the index, where there is one. */
export async function syncIndex(
  { redis, request, keys }: Pick<TestService, 'redis' | 'request' | 'keys'>,
  leaderboardId: string,
): Promise<void> {
  if (redis === undefined) return;
  const path = `/v1/admin/leaderboards/${leaderboardId}/sync`;
  // A busy machine answers too late for Redis' deadlines now and then: 503 says to ask again.
  await until(`${leaderboardId} is built anew`, async () => {
    const { status, text } = await request(path, { token: keys.operator, body: { mode: 'rebuild' } });
    if (status !== 200 && status !== 503) throw new Error(`the sync answered ${status}: ${text}`);
    return status === 200;
  });
}

/** Which store answers reads. */
export function sourceOf({ redis }: Pick<TestService, 'redis'>): string {
  return redis === undefined ? 'postgres' : 'redis';
}

async function serve(app: TestService['app']): Promise<string> {
  const server = await listen(app, 0);
  cleanUp(async () => await server.close(0));
  const url = `http://127.0.0.1:${server.port}`;
  observeOrigin(url);
  return url;
}

function createTestClock(): TestClock {
  let now = Date.now();
  return {
    now: () => now,
    advance: (ms) => {
      now += ms;
    },
  };
}

function toRequestInit({ method, token, body, headers }: RequestOptions = {}): RequestInit {
  return {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  };
}

async function toAnswer<Body>(response: Response): Promise<Answer<Body>> {
  const text = await response.text();
  const isJson = /\bjson\b/.test(response.headers.get('Content-Type') ?? '');
  return {
    status: response.status,
    headers: response.headers,
    body: (isJson && text !== '' ? JSON.parse(text) : {}) as Body,
    text,
  };
}
