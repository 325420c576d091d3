import type { ErrorCode } from '../errors.ts';
import { subtract, type Tally } from './distribution.ts';
import { metricDefinitions, type MetricName } from './metric-names.ts';
import { instrumentOf, type Metrics } from './metrics.ts';

/** What happened between two moments. */
export interface MetricsWindow {
  /** What counters counted meanwhile, and what gauges say at its end. */
  readonly numbers: ReadonlyMap<MetricName, number>;
  readonly distributions: ReadonlyMap<MetricName, Tally>;
  readonly rejectionsByCode: ReadonlyMap<ErrorCode, number>;
}

interface Totals {
  readonly counters: ReadonlyMap<MetricName, number>;
  readonly distributions: ReadonlyMap<MetricName, Tally>;
  readonly rejectionsByCode: ReadonlyMap<ErrorCode, number>;
}

/** Returns a function that takes the window since its last call. Counters begin with the process. */
export function createWindows(metrics: Metrics): () => MetricsWindow {
  let before: Totals | undefined;
  return () => {
    const totals = readTotals(metrics);
    const window = {
      numbers: new Map([...subtractCounts(totals.counters, before?.counters), ...readGauges(metrics)]),
      distributions: new Map(
        Array.from(totals.distributions, ([name, tally]) => [
          name,
          subtract(tally, before?.distributions.get(name)),
        ]),
      ),
      rejectionsByCode: subtractCounts(totals.rejectionsByCode, before?.rejectionsByCode),
    };
    before = totals;
    return window;
  };
}

function readTotals(metrics: Metrics): Totals {
  const counters = new Map<MetricName, number>();
  const distributions = new Map<MetricName, Tally>();
  for (const { name } of metricDefinitions) {
    const instrument = instrumentOf(metrics, name);
    if ('total' in instrument) counters.set(name, instrument.total);
    if ('tally' in instrument) distributions.set(name, instrument.tally());
  }
  return { counters, distributions, rejectionsByCode: new Map(metrics.actionTokensRejected.byCode) };
}

function readGauges(metrics: Metrics): Map<MetricName, number> {
  const values = new Map<MetricName, number>();
  for (const { name } of metricDefinitions) {
    const instrument = instrumentOf(metrics, name);
    if ('value' in instrument && instrument.value !== undefined) values.set(name, instrument.value);
  }
  return values;
}

function subtractCounts<Key>(
  later: ReadonlyMap<Key, number>,
  earlier: ReadonlyMap<Key, number> | undefined,
): Map<Key, number> {
  return new Map(Array.from(later, ([key, count]) => [key, count - (earlier?.get(key) ?? 0)]));
}
