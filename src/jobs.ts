import { purgeConsumedActions } from './actions/index.ts';
import { purgeExpiredSessions, purgeRefusedSubjects } from './auth/index.ts';
import type { Config } from './config.ts';
import type { Database } from './db/index.ts';
import type { Rankings } from './leaderboards/index.ts';
import { dailyAt, every, EVERY_FIVE_SECONDS, EVERY_MINUTE, schedule, type ScheduledJob } from './schedule.ts';
import { purgeRemovedScores, rebalanceBuckets, type Unsplittable, verifyHistogram } from './scores/index.ts';
import type { Logger } from './telemetry/log.ts';

interface JobDependencies {
  readonly db: Database;
  readonly rankings: Rankings | undefined;
  readonly config: Config;
  readonly log: Logger;
}

/** An hour of its own: it counts every score. */
const HISTOGRAM_HOUR_UTC = 3;

/** Everything that a process does without being asked. */
export function startJobs({ db, rankings, config, log }: JobDependencies): ScheduledJob {
  const unsplittable: Unsplittable = new Map();
  const jobs = [
    {
      what: 'purging spent actions',
      when: EVERY_MINUTE,
      run: async () => await purgeConsumedActions({ db, config }),
    },
    {
      what: 'purging expired sessions',
      when: EVERY_MINUTE,
      run: async () => await purgeExpiredSessions({ db }),
    },
    {
      what: 'purging refused subjects',
      when: EVERY_MINUTE,
      run: async () => await purgeRefusedSubjects({ db }),
    },
    { what: 'purging removed scores', when: EVERY_MINUTE, run: async () => await purgeRemovedScores(db) },
    {
      what: 'rebalancing the histogram',
      when: EVERY_FIVE_SECONDS,
      run: async () => await rebalanceBuckets(db, { unsplittable }),
    },
    {
      what: 'verifying the histogram',
      when: dailyAt(HISTOGRAM_HOUR_UTC),
      run: async () => await verifyHistogram({ db, log }),
    },
    ...(rankings === undefined ? [] : syncJobs(rankings, config.rankings)),
  ].map((job) => schedule(job, log));
  return { stop: () => jobs.forEach((job) => job.stop()) };
}

/** Every process asks; the locks of the boards let one of them work. */
function syncJobs({ sync }: Rankings, { driftCheckIntervalSeconds, rebuildHourUtc }: Config['rankings']) {
  return [
    {
      what: 'verifying the ranking index',
      when: every(driftCheckIntervalSeconds),
      run: async () => await sync.verifyDue(driftCheckIntervalSeconds * 1000),
    },
    {
      what: 'rebuilding the ranking index',
      when: dailyAt(rebuildHourUtc),
      run: async () => await sync.rebuildAll(),
    },
  ];
}
