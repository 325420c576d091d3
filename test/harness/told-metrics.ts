import { setTimeout as pace } from 'node:timers/promises';

import type { TestProcess } from './process.ts';

/** What a running service tells Prometheus of one metric, by the name that it has there. */
export async function readMetric({ url }: Pick<TestProcess, 'url'>, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const value = new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1];
  if (value === undefined) throw new Error(`there is no ${name} in /metrics`);
  return Number(value);
}

interface MetricSample {
  readonly value: number;
  /** By the clock of `performance.now()`. */
  readonly at: number;
}

interface MetricWatch {
  readonly samples: readonly MetricSample[];
  stop(): Promise<void>;
}

const INTERVAL_MS = 250;

/** Reads a metric of a running service again and again. */
export function watchMetric(service: Pick<TestProcess, 'url'>, name: string): MetricWatch {
  const samples: MetricSample[] = [];
  const stopping = new AbortController();
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      samples.push({ value: await readMetric(service, name), at: performance.now() });
      await pace(INTERVAL_MS);
    }
  })();
  // Told by stop().
  watching.catch(() => {});
  return {
    samples,
    stop: async () => {
      stopping.abort();
      await watching;
    },
  };
}
