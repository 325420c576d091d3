import { existsSync } from 'node:fs';

import { createApp } from './app.ts';
import { seedApiKeys } from './auth/index.ts';
import { type Config, ConfigError, readConfig } from './config.ts';
import { DataDirectoryError, openDatabase } from './db/index.ts';
import { listen } from './http/server.ts';
import { startJobs } from './jobs.ts';
import { localSecretsFile, readOrCreateLocalSecrets } from './local-secrets.ts';
import { createBoardChanges, createLeaderboards, createRankings } from './leaderboards/index.ts';
import { createLive, openBus } from './live/index.ts';
import { connectRedis } from './redis/index.ts';
import { openReplica } from './replica/index.ts';
import { createHealth } from './telemetry/health.ts';
import { createLogger, type Logger } from './telemetry/log.ts';

/** Starts the service. Resolves once it listens and a signal would stop it, requests in flight first. */
async function start(config: Config, log: Logger): Promise<void> {
  const clock = Date.now;
  const db = await openDatabase(config.database, (err) => log.warn({ err }, 'idle database connection lost'));
  await seedApiKeys({ db, secrets: config.secrets });
  const replica = openReplica(config.database, log);
  const redis = config.redis && connectRedis(config.redis, { log });
  const health = createHealth({ db, replica, redis });
  const changes = createBoardChanges();
  const rankings = redis && createRankings({ db, redis, clock, changes, log });
  const leaderboards = createLeaderboards({ db, replica, rankings, config });
  const live = createLive({ leaderboards, changes, config, log });
  const bus = await openBus({ config, redis, changes, live, log });
  const jobs = startJobs({ db, rankings, config, log });
  const server = await listen(
    createApp({ config, log, clock, db, redis, rankings, leaderboards, changes, live, health }),
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
  stopOnSignal(stop, log);
  log.info({ port: server.port, store: db.store, url: `http://localhost:${server.port}` }, 'listening');
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
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

/** A start that fails for a reason the operator can mend says just that, without a stack. */
function reportFailedStart(error: unknown): void {
  const explained = error instanceof ConfigError || error instanceof DataDirectoryError;
  const text = explained
    ? error.message
    : error instanceof Error
      ? (error.stack ?? error.message)
      : String(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
}

try {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const config = readConfig(process.env, readOrCreateLocalSecrets);
  const log = createLogger(config.logLevel);
  for (const warning of config.warnings) log.warn(warning);
  if (config.localSecrets.length > 0) {
    const file = localSecretsFile(config.database.dataDir);
    log.info({ file, variables: config.localSecrets }, 'made for this machine, because they are not set');
  }
  await start(config, log);
} catch (error) {
  reportFailedStart(error);
  process.exit();
}
