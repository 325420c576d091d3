import type { MetricName } from '../src/telemetry/metric-names.ts';

/** Whose metrics: the service's own, or those that AWS keeps about a part. */
export type Source =
  'laurel' | 'loadBalancer' | 'targets' | 'tasks' | 'database' | 'replica' | 'redis' | 'logs';

type Statistic = 'Sum' | 'Average' | 'Minimum' | 'Maximum' | 'SampleCount' | 'p50' | 'p99';

export interface Metric {
  readonly source: Source;
  readonly name: string;
  readonly statistic: Statistic;
}

/** A metric that the service itself tells. */
export function laurel(name: MetricName, statistic: Statistic): Metric {
  return { source: 'laurel', name, statistic };
}

/** A metric that AWS keeps. */
export function ofAws(source: Exclude<Source, 'laurel'>, name: string, statistic: Statistic): Metric {
  return { source, name, statistic };
}
