import { quantileOf } from '../harness/statistics.ts';
import type { LoadResult } from './plan.ts';

/** Collects what came of the requests of one run. */
export interface Record {
  /** `sinceMs` is when the request was sent, or should have been; both by the clock of performance.now(). */
  answered(status: number, sinceMs: number, nowMs: number): void;
  toResult(): LoadResult;
}

/** Measures what is answered from `fromMs` to `untilMs`, by the clock of performance.now(). */
export function createRecord(fromMs: number, untilMs: number): Record {
  const latenciesMs: number[] = [];
  const statuses = new Map<number, number>();
  let lastAt = fromMs;
  return {
    answered: (status, sinceMs, nowMs) => {
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (nowMs < fromMs || nowMs > untilMs) return;
      latenciesMs.push(nowMs - sinceMs);
      lastAt = nowMs;
    },
    toResult: () => {
      const sorted = Float64Array.from(latenciesMs).toSorted();
      const at = (share: number) => Number(quantileOf(sorted, share).toFixed(3));
      return {
        answers: sorted.length,
        perSecond: sorted.length / ((lastAt - fromMs) / 1000),
        statuses: Object.fromEntries(statuses),
        latencyMs: { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) },
      };
    },
  };
}
