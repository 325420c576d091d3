import { existsSync } from 'node:fs';
import { constants } from 'node:os';

import { createApp } from './app.ts';
import { seedApiKeys } from './auth/index.ts';
import { type Config, ConfigError, readConfig } from './config.ts';
import { DatabaseConnectionError, DataDirectoryError, openDatabase } from './db/index.ts';
import { listen } from './http/server.ts';
import { startJobs } from './jobs.ts';
import { localSecretsFile, readOrCreateLocalSecrets } from './local-secrets.ts';
import { createBoardChanges, createLeaderboards, createRankings } from './leaderboards/index.ts';
import { createLive, openBus } from './live/index.ts';
import { connectRedis } from './redis/index.ts';
import { openReplica } from './replica/index.ts';
import { emitMetrics } from './telemetry/emit-metrics.ts';
import { createHealth } from './telemetry/health.ts';
import { createLogger, type Logger, openOutput } from './telemetry/log.ts';
import { createMetrics, type Metrics } from './telemetry/metrics.ts';
import { measureProcess } from './telemetry/process-metrics.ts';

const clock = Date.now;
const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const;

interface Telemetry {
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Tells what was counted since it was last told. */
  readonly end: () => void;
}

/** Starts the service. Resolves once it listens and a signal would stop it, requests in flight first. */
async function start(config: Config, { log, metrics, end }: Telemetry): Promise<void> {
  const db = await openDatabase(config.database, (err) => log.warn({ err }, 'idle database connection lost'));
  metrics.databaseWaiting.readFrom(() => db.countWaiting());
  await seedApiKeys({ db, secrets: config.secrets });
  const replica = openReplica(config.database, log);
  const redis = config.redis && connectRedis(config.redis, { log });
  const health = createHealth({ db, replica, redis });
  const changes = createBoardChanges();
  const rankings = redis && createRankings({ db, redis, clock, changes, log, metrics });
  const leaderboards = createLeaderboards({ db, replica, rankings, config });
  const onBroadcast = (latencyMs: number) => metrics.broadcastLatency.record(latencyMs);
  const live = createLive({ leaderboards, changes, config, log, onBroadcast });
  metrics.sseConnections.readFrom(() => live.connections);
  metrics.sseCapacityUsed.readFrom(() => (100 * live.connections) / live.capacity);
  const bus = await openBus({ config, redis, changes, live, log });
  const jobs = startJobs({ db, rankings, config, log });
  const server = await listen(
    createApp({ config, log, metrics, clock, db, redis, rankings, leaderboards, changes, live, health }),
    config.port,
  );
  const stop = async () => {
    health.stopping();
    jobs.stop();
    const graceEndsAt = performance.now() + config.shutdownGraceSeconds * 1000;
    await live.stop((config.shutdownGraceSeconds * 1000) / 2);
    await server.close(Math.max(0, graceEndsAt - performance.now()));
    await bus?.close();
    await rankings?.close();
    await redis?.close();
    await replica?.close();
    await db.close();
  };
  stopOnSignal(async () => await stop().finally(end), log);
  log.info({ port: server.port, store: db.store, url: `http://localhost:${server.port}` }, 'listening');
}

/** Logs and metrics, which share standard output. */
function startTelemetry(config: Config): Telemetry {
  const output = openOutput();
  const log = createLogger(config.logLevel, output);
  const driftIntervalMs = config.redis && config.rankings.driftCheckIntervalSeconds * 1000;
  const metrics = createMetrics({ clock, driftIntervalMs });
  measureProcess(metrics);
  const emitter = config.metricsEmf ? emitMetrics({ metrics, clock, output }) : undefined;
  return { log, metrics, end: () => emitter?.stop() };
}

/** Nothing is served yet. As process 1 of a container this one would not be ended by a signal that it does not listen for. */
function endStart(signal: NodeJS.Signals): void {
  process.exit(128 + constants.signals[signal]);
}

/** The first signal stops gracefully, the second one at once. */
function stopOnSignal(stop: () => Promise<void>, log: Logger): void {
  let stopping = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (stopping) process.exit(1);
    stopping = true;
    log.info({ signal }, 'stopping');
    stop().then(
      () => log.info('stopped'),
      (err: unknown) => {
        log.fatal({ err }, 'the stop failed');
        process.exit(1);
      },
    );
  };
  for (const signal of STOP_SIGNALS) process.off(signal, endStart).on(signal, onSignal);
}

/** A start that fails for a reason the operator can mend, as a port that is taken is, says just that, without a stack. */
function reportFailedStart(error: unknown): void {
  const explained = [ConfigError, DataDirectoryError, DatabaseConnectionError];
  const isExplained =
    explained.some((kind) => error instanceof kind) ||
    (error instanceof Error && 'syscall' in error && error.syscall === 'listen');
  const text =
    error instanceof Error ? ((isExplained ? undefined : error.stack) ?? error.message) : String(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
}

for (const signal of STOP_SIGNALS) process.on(signal, endStart);
try {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const config = readConfig(process.env, readOrCreateLocalSecrets);
  const telemetry = startTelemetry(config);
  const { log } = telemetry;
  for (const warning of config.warnings) log.warn(warning);
  if (config.localSecrets.length > 0) {
    const file = localSecretsFile(config.database.dataDir);
    log.info({ file, variables: config.localSecrets }, 'made for this machine, because they are not set');
  }
  await start(config, telemetry);
} catch (error) {
  reportFailedStart(error);
  process.exit();
}
