import { describe, expect, it } from 'vitest';

import { tokenRejections } from '../errors.ts';
import { metricDefinitions } from './metric-names.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { toPrometheusName, toPrometheusText } from './prometheus.ts';

/** A line of the text format 0.0.4: a comment of one of two kinds, or a sample without a time. */
const LINE =
  /^(?:# HELP [a-z_]+ [^\\\n]+|# TYPE [a-z_]+ (?:counter|gauge|histogram)|[a-z_]+(?:\{[a-z]+="[^"\\\n]*"\})? -?\d+(?:\.\d+)?(?:e-?\d+)?)$/;

function tell(use: (metrics: Metrics) => void = () => {}): string {
  const metrics = createMetrics({ clock: Date.now, driftIntervalMs: 300_000 });
  use(metrics);
  return toPrometheusText(metrics);
}

describe('the text for Prometheus', () => {
  it('has only lines of the format, and ends with a line break', () => {
    const text = tell((metrics) => {
      metrics.scoreUpdateLatency.record(0.0001);
      metrics.leaderboardDrift.record('global', 2);
      metrics.actionTokensRejected.add('action_token_expired');
    });
    expect(text.endsWith('\n')).toBe(true);
    for (const line of text.trimEnd().split('\n')) expect(line).toMatch(LINE);
  });

  it('introduces every metric once, before its samples', () => {
    const lines = tell().split('\n');
    for (const definition of metricDefinitions) {
      const name = toPrometheusName(definition);
      const at = lines.indexOf(`# HELP ${name} ${definition.help}`);
      expect(lines[at + 1]).toMatch(new RegExp(`^# TYPE ${name} [a-z]+$`));
      expect(lines.filter((line) => line.startsWith(`# TYPE ${name} `))).toHaveLength(1);
    }
  });

  it('names metrics as Prometheus does, in base units', () => {
    expect(metricDefinitions.map(toPrometheusName)).toEqual(
      expect.arrayContaining([
        'laurel_score_update_latency_seconds',
        'laurel_requests_total',
        'laurel_leaderboard_drift',
        'laurel_sse_capacity_used_ratio',
        'laurel_resident_memory_bytes',
      ]),
    );
    const text = tell((metrics) => metrics.sseCapacityUsed.readFrom(() => 80));
    expect(text).toContain('\nlaurel_sse_capacity_used_ratio 0.8\n');
  });

  it('counts since the process started, by code where there are several', () => {
    const text = tell((metrics) => {
      metrics.requests.add();
      metrics.requests.add();
      metrics.actionTokensRejected.add('action_token_expired');
      metrics.leaderboardDrift.record('weekly', 3);
    });
    expect(text).toContain('\nlaurel_requests_total 2\n');
    expect(text).toContain('\nlaurel_action_tokens_rejected_total{code="action_token_expired"} 1\n');
    expect(text).toContain('\nlaurel_leaderboard_drift{leaderboard="weekly"} 3\n');
  });

  it('has every code by which a token is refused from the start', () => {
    const samples = tell().match(/^laurel_action_tokens_rejected_total.*$/gm);
    expect(samples).toEqual(
      tokenRejections.map((code) => `laurel_action_tokens_rejected_total{code="${code}"} 0`),
    );
    expect(tokenRejections).toHaveLength(6);
  });

  it('says that nothing drifts where nothing can, and nothing before the first comparison where it can', () => {
    const driftOf = (metrics: Metrics) => toPrometheusText(metrics).match(/^laurel_leaderboard_drift.*$/gm);
    const clock = Date.now;
    expect(driftOf(createMetrics({ clock, driftIntervalMs: undefined }))).toEqual([
      'laurel_leaderboard_drift 0',
    ]);
    expect(driftOf(createMetrics({ clock, driftIntervalMs: 300_000 }))).toBeNull();
  });

  it('has durations as histograms with cumulative buckets', () => {
    const text = tell((metrics) => {
      for (const durationMs of [0.5, 100, 101, 20_000]) metrics.scoreUpdateLatency.record(durationMs);
    });
    const name = 'laurel_score_update_latency_seconds';
    const buckets = [...text.matchAll(new RegExp(`^${name}_bucket\\{le="(.+)"\\} (\\d+)$`, 'gm'))];
    expect(buckets.map(([, bound, count]) => `${bound} ${count}`)).toEqual(
      '0.001 1,0.0025 1,0.005 1,0.01 1,0.025 1,0.05 1,0.1 2,0.2 3,0.5 3,1 3,2 3,4 3,8 3,+Inf 4'.split(','),
    );
    expect(text).toContain(`\n${name}_sum 20.2015\n`);
    expect(text).toContain(`\n${name}_count 4\n`);
  });
});
