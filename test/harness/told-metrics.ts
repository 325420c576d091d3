import type { TestProcess } from './process.ts';
import { repeat, type Repetition } from './repeat.ts';

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

interface MetricWatch extends Repetition {
  readonly samples: readonly MetricSample[];
}

const INTERVAL_MS = 250;

/** Reads a metric of a running service again and again. */
export function watchMetric(service: Pick<TestProcess, 'url'>, name: string): MetricWatch {
  const samples: MetricSample[] = [];
  const { stop } = repeat(async () => {
    samples.push({ value: await readMetric(service, name), at: performance.now() });
  }, INTERVAL_MS);
  return { samples, stop };
}
