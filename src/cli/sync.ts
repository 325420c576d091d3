import { setTimeout } from 'node:timers/promises';

import { z } from 'zod';

import { AppError, unavailable } from '../errors.ts';
import {
  LeaderboardId,
  syncLeaderboard,
  type SyncReportView,
  Synchronizer,
  toSyncReportView,
} from '../leaderboards/index.ts';
import { connectRedis, type RedisClient } from '../redis/index.ts';
import { type Command, type CommandContext, parseArgument, takeOne } from './command.ts';
import { withDatabase } from './with-database.ts';

const Mode = z.enum(['verify', 'rebuild'], { error: 'must be verify or rebuild' }).default('verify');

const CONNECT_MS = 5000;
const LOOK_MS = 50;

export const sync: Command = {
  name: 'sync',
  synopsis: 'BOARD [--mode verify|rebuild]',
  summary: 'Compare the ranking index of a leaderboard with PostgreSQL, or build it anew',
  details: `  --mode verify    replay what changed, compare, and build the index anew if it differs (default)
  --mode rebuild   build it anew whatever it holds

Exits with 1 when the stores had drifted apart, even though that is mended by then, and while another sync of the
leaderboard is running. Needs Redis.`,
  options: { mode: { type: 'string' } },
  run: async (input, context) => {
    const leaderboardId = takeOne(input, 'BOARD', LeaderboardId);
    const mode = parseArgument('--mode', Mode, input.flags['mode']);
    const report = await withRedis(context, async (redis) => {
      return await withDatabase(context, async (db) => {
        const synchronizer = new Synchronizer({ db, redis, log: context.log, onCompared: () => {} });
        try {
          return await syncLeaderboard({ db, rankings: { sync: synchronizer } }, { leaderboardId, mode });
        } finally {
          await synchronizer.close();
        }
      });
    });
    const view = toSyncReportView(report);
    return { text: toText(view), json: view, isRight: report.drifted === 0 };
  },
};

async function withRedis<Result>(
  { config, log }: Pick<CommandContext, 'config' | 'log'>,
  work: (redis: RedisClient) => Promise<Result>,
): Promise<Result> {
  if (config.redis === undefined)
    throw new AppError(
      'redis_disabled',
      'there is no ranking index without Redis: set REDIS_URL or UPSTASH_REDIS_REST_URL',
    );
  const redis = connectRedis(config.redis, { log });
  try {
    await untilUsable(redis);
    return await work(redis);
  } finally {
    await redis.close();
  }
}

/** It connects in the background. */
async function untilUsable({ health }: RedisClient): Promise<void> {
  const deadline = performance.now() + CONNECT_MS;
  while (!health.usable) {
    if (performance.now() > deadline) throw unavailable('Redis does not answer');
    await setTimeout(LOOK_MS);
  }
}

function toText(report: z.infer<typeof SyncReportView>): string {
  const { leaderboard_id: board, compared, drifted, repaired, rebuilt, duration_ms: durationMs } = report;
  const found = drifted === 0 ? 'no difference' : `${drifted} that differed, ${repaired} of them mended`;
  const done = rebuilt ? ' The index was built anew.' : '';
  return `${board}: ${compared} players compared, ${found}, in ${durationMs} ms.${done}`;
}
