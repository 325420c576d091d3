import type { Observed } from './observed.ts';

/** What a fault of Redis cost. Times of recovery are told from the server's return on. */
export interface RedisFigures {
  readonly requests: number;
  readonly failures: number;
  readonly perSecond: number;
  /** Of the requests from the strike on. */
  readonly slowestMs: number;
  /** Of those before it. */
  readonly slowestBeforeMs: number;
  /** How often the service gave Redis up. */
  readonly losses: number;
  /** Until the first read that Redis answered again. */
  readonly readAgainMs: number;
  /** Until the index had the order of PostgreSQL. */
  readonly orderMs: number;
}

interface Moments {
  readonly losses: number;
  readonly struckAt: number;
  readonly returnedAt: number;
  readonly orderMs: number;
}

export function redisFiguresOf(
  observed: readonly Observed[],
  { struckAt, returnedAt, orderMs, losses }: Moments,
): RedisFigures {
  const before = observed.filter(({ endedAt }) => endedAt < struckAt);
  const since = observed.filter(({ endedAt }) => endedAt >= struckAt);
  const fellBackAt = Math.min(...since.filter(({ source }) => source === 'postgres').map(beganAtOf));
  const readAgain = since.filter(
    ({ source, beganAt }) => source === 'redis' && beganAt > Math.max(returnedAt, fellBackAt),
  );
  const spanMs = Math.max(...observed.map(({ endedAt }) => endedAt)) - Math.min(...observed.map(beganAtOf));
  return {
    requests: observed.length,
    failures: observed.filter(({ outcome }) => outcome !== 'answered').length,
    perSecond: (observed.length / spanMs) * 1000,
    slowestMs: slowestOf(since),
    slowestBeforeMs: slowestOf(before),
    losses,
    readAgainMs: Math.min(...readAgain.map(({ endedAt }) => endedAt)) - returnedAt,
    orderMs,
  };
}

function beganAtOf({ beganAt }: Observed): number {
  return beganAt;
}

function slowestOf(observed: readonly Observed[]): number {
  return Math.max(0, ...observed.map(({ beganAt, endedAt }) => endedAt - beganAt));
}

/** One line for the record, in whole numbers. */
export function toRedisRecordLine(name: string, figures: RedisFigures): string {
  const rounded = Object.entries(figures).map(([key, value]) => `${key} ${Math.round(value as number)}`);
  return `Redis ${name}: ${rounded.join(', ')}\n`;
}
