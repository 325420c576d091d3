import { tokenRejections } from '../errors.ts';
import { countUpTo, type Tally } from './distribution.ts';
import { type MetricDefinition, metricDefinitions } from './metric-names.ts';
import { instrumentOf, type Metrics } from './metrics.ts';

export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** The targets of the specification among them; each is a bound of the distributions' own buckets, so counts are exact. */
const BOUNDS_MS = [1, 2.5, 5, 10, 25, 50, 100, 200, 500, 1000, 2000, 4000, 8000];

/** What Prometheus measures in, by the suffix that says so. */
const unitOf: Readonly<Record<MetricDefinition['unit'], { suffix: string; size: number }>> = {
  Count: { suffix: '', size: 1 },
  Milliseconds: { suffix: '_seconds', size: 1000 },
  Percent: { suffix: '_ratio', size: 100 },
  Bytes: { suffix: '_bytes', size: 1 },
};

/** A rate of what has just happened for the first time needs a sample from before. */
const noRejections = tokenRejections.map((code) => [code, 0] as const);

const typeOf = { counter: 'counter', gauge: 'gauge', distribution: 'histogram' };

/** As in `laurel_score_update_latency_seconds`. */
export function toPrometheusName({ name, unit, kind }: MetricDefinition): string {
  const words = name.replaceAll(/(?!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
  return `laurel_${words}${unitOf[unit].suffix}${kind === 'counter' ? '_total' : ''}`;
}

/** Everything since the process started, in Prometheus' text format 0.0.4. */
export function toPrometheusText(metrics: Metrics): string {
  return metricDefinitions
    .map((definition) => {
      const name = toPrometheusName(definition);
      const lines = [
        `# HELP ${name} ${definition.help}`,
        `# TYPE ${name} ${typeOf[definition.kind]}`,
        ...toSamples(metrics, definition, name),
      ];
      return `${lines.join('\n')}\n`;
    })
    .join('');
}

function toSamples(
  metrics: Metrics,
  { name: metricName, unit }: (typeof metricDefinitions)[number],
  name: string,
): string[] {
  if (metricName === 'ActionTokensRejected') {
    return toLabelled(name, 'code', new Map([...noRejections, ...metrics.actionTokensRejected.byCode]));
  }
  if (metricName === 'LeaderboardDrift') {
    const { byLeaderboard, value } = metrics.leaderboardDrift;
    const canDrift = byLeaderboard.size > 0 || value === undefined;
    return canDrift ? toLabelled(name, 'leaderboard', byLeaderboard) : [`${name} ${value}`];
  }
  const instrument = instrumentOf(metrics, metricName);
  if ('tally' in instrument) return toHistogram(name, instrument.tally());
  const value = 'total' in instrument ? instrument.total : (instrument.value ?? 0);
  return [`${name} ${value / unitOf[unit].size}`];
}

/** Codes and leaderboards have no character that would need escaping. */
function toLabelled(name: string, label: string, values: ReadonlyMap<string, number>): string[] {
  return Array.from(values, ([key, value]) => `${name}{${label}="${key}"} ${value}`);
}

function toHistogram(name: string, tally: Tally): string[] {
  const buckets = BOUNDS_MS.map((ms) => `${name}_bucket{le="${ms / 1000}"} ${countUpTo(tally, ms)}`);
  return [
    ...buckets,
    `${name}_bucket{le="+Inf"} ${tally.count}`,
    `${name}_sum ${tally.sumMs / 1000}`,
    `${name}_count ${tally.count}`,
  ];
}
