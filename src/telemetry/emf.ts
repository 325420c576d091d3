import type { Tally } from './distribution.ts';
import { METRIC_NAMESPACE, metricDefinitions, type MetricName } from './metric-names.ts';
import type { MetricsWindow } from './metrics-window.ts';
import { createThinning } from './thinning.ts';

/** Of a metric in one line (the specification of the embedded metric format, "Target members"). */
const MAX_VALUES = 100;
/** Of a distribution in one window, so that what the metrics cost does not grow with the traffic. */
const MAX_ARRAYS = 10;

const units = new Map<string, string>(metricDefinitions.map(({ name, unit }) => [name, unit]));

type Values = Partial<Record<MetricName, number | readonly number[]>>;

/**
 * Returns a function that writes what happened in a window as lines of CloudWatch's embedded metric format, without line
 * breaks; it is called with one window after the other. Most windows take one line; the second hundred durations of a
 * distribution need a second, and so on.
 */
export function createEmfLines(): (window: MetricsWindow, timestampMs: number) => string[] {
  const thinnings = new Map<MetricName, (tally: Tally) => number[]>(
    metricDefinitions
      .filter(({ kind }) => kind === 'distribution')
      .map(({ name }) => [name, createThinning(MAX_VALUES * MAX_ARRAYS)]),
  );
  return (window, timestampMs) => {
    const arrays = Array.from(window.distributions, ([name, tally]) => ({
      name,
      arrays: toArrays(thinnings.get(name)?.(tally) ?? []),
    }));
    const count = Math.max(1, ...arrays.map((one) => one.arrays.length));
    return Array.from({ length: count }, (_, n) => {
      const durations = Object.fromEntries(arrays.flatMap((one) => toPart(one.name, one.arrays[n])));
      if (n > 0) return toEmfLine(durations, timestampMs);
      // Text and not a metric: each value of a further dimension would be billed as a metric of its own.
      const rejections = { ActionTokensRejectedByCode: Object.fromEntries(window.rejectionsByCode) };
      return toEmfLine({ ...durations, ...Object.fromEntries(window.numbers) }, timestampMs, rejections);
    });
  };
}

/** One line with these metrics, and with properties that a search of the logs finds. */
export function toEmfLine(values: Values, timestampMs: number, properties: object = {}): string {
  const metrics = Object.keys(values).map((name) => ({ Name: name, Unit: units.get(name) }));
  return JSON.stringify({
    _aws: {
      Timestamp: timestampMs,
      CloudWatchMetrics: [{ Namespace: METRIC_NAMESPACE, Dimensions: [['Service']], Metrics: metrics }],
    },
    Service: 'laurel',
    ...values,
    ...properties,
  });
}

function toArrays(durations: readonly number[]): number[][] {
  const count = Math.ceil(durations.length / MAX_VALUES);
  return Array.from({ length: count }, (_, n) => durations.slice(n * MAX_VALUES, (n + 1) * MAX_VALUES));
}

function toPart(name: MetricName, array: number[] | undefined): [MetricName, number[]][] {
  return array === undefined ? [] : [[name, array]];
}
