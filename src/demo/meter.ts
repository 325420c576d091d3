import { createHistogram } from 'node:perf_hooks';

/** What a meter measures: score updates get latencies, everything is counted. */
export type RequestKind = 'score' | 'other';

export interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface Losses {
  readonly count: number;
  readonly lastReason: string;
}

export interface Meter {
  answered(kind: RequestKind, durationMs: number): void;
  /** A request whose answer never came, or was one of 500 and above. */
  lost(reason: string): void;
  losses(): Losses;
  requests(): number;
  /** Over the last 5 seconds. */
  requestsPerSecond(): number;
  /** Of score updates since the start; undefined before the first one. */
  latency(): Latency | undefined;
}

const WINDOW_MS = 5000;
const MAX_REMEMBERED = 10_000;

/** Counts requests and measures score updates, in bounded memory. */
export function createMeter(now: () => number): Meter {
  const micros = createHistogram();
  const startedAt = now();
  const recent: number[] = [];
  let requests = 0;
  let losses: Losses = { count: 0, lastReason: '' };
  const dropOld = () => {
    const oldest = now() - WINDOW_MS;
    const keepFrom = recent.findIndex((at) => at > oldest);
    recent.splice(0, keepFrom === -1 ? recent.length : keepFrom);
  };
  const count = () => {
    requests += 1;
    recent.push(now());
    if (recent.length > MAX_REMEMBERED) dropOld();
  };
  return {
    answered: (kind, durationMs) => {
      count();
      if (kind === 'score') micros.record(Math.max(1, Math.round(durationMs * 1000)));
    },
    lost: (lastReason) => {
      count();
      losses = { count: losses.count + 1, lastReason };
    },
    losses: () => losses,
    requests: () => requests,
    requestsPerSecond: () => {
      dropOld();
      const windowMs = Math.max(1000, Math.min(WINDOW_MS, now() - startedAt));
      return (recent.length * 1000) / windowMs;
    },
    latency: () => {
      if (micros.count === 0) return undefined;
      return { p50Ms: micros.percentile(50) / 1000, p99Ms: micros.percentile(99) / 1000 };
    },
  };
}
