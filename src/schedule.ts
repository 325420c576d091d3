import { Cron } from 'croner';

import type { Logger } from './telemetry/log.ts';

export interface ScheduledJob {
  stop(): void;
}

interface Times {
  /** In UTC; begins with the second. */
  readonly pattern: string;
  /** Between two runs, at least. */
  readonly intervalSeconds?: number;
}

export const EVERY_MINUTE: Times = { pattern: '0 * * * * *' };
export const EVERY_FIVE_SECONDS: Times = { pattern: '*/5 * * * * *' };

/** From when the process started. */
export function every(intervalSeconds: number): Times {
  return { pattern: '* * * * * *', intervalSeconds };
}

export function dailyAt(hour: number): Times {
  return { pattern: `0 0 ${hour} * * *` };
}

interface Job {
  /** What it does, for the log. */
  readonly what: string;
  readonly when: Times;
  /** Returns how much there was to do. Every process runs it: it must not mind the others. */
  readonly run: () => Promise<number>;
}

/** Runs a job in the background until stopped, never twice at once; one that fails is tried again next time. */
export function schedule({ what, when, run }: Job, log: Logger): ScheduledJob {
  const onError = (err: unknown) => log.warn({ err, what }, 'a job failed');
  const { pattern, intervalSeconds } = when;
  const options = { protect: true, unref: true, catch: onError, utcOffset: 0 };
  return new Cron(
    pattern,
    { ...options, ...(intervalSeconds && { interval: intervalSeconds }) },
    async () => {
      const done = await run();
      if (done > 0) log.debug({ what, done }, 'a job was done');
    },
  );
}
