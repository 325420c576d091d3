import { monitorEventLoopDelay } from 'node:perf_hooks';

import type { Metrics } from './metrics.ts';

const RESOLUTION_MS = 10;
const INTERVAL_MS = 10_000;

/** Measures the process itself for as long as it lives; a stop does not wait for it. */
export function measureProcess(metrics: Pick<Metrics, 'eventLoopDelay' | 'residentMemory'>): void {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  let lastMs = 0;
  setInterval(() => {
    lastMs = delays.count === 0 ? 0 : toDelayMs(delays.percentile(99));
    delays.reset();
  }, INTERVAL_MS).unref();
  metrics.eventLoopDelay.readFrom(() => lastMs);
  metrics.residentMemory.readFrom(() => process.memoryUsage.rss());
}

/** The monitor tells how far its timers lay apart. */
function toDelayMs(intervalNs: number): number {
  return Math.max(0, Number((intervalNs / 1e6 - RESOLUTION_MS).toFixed(3)));
}
