import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { type EmfEvent, findFlaws, percentile, valuesOf } from '../../test/emf/schema.ts';
import { createRandom } from '../../test/harness/random.ts';
import { createEmfLines } from './emf.ts';
import { metricDefinitions } from './metric-names.ts';
import { createWindows } from './metrics-window.ts';
import { createMetrics } from './metrics.ts';

const NOW = 1_795_000_000_000;

function createEmitted() {
  const metrics = createMetrics({ clock: () => NOW, driftIntervalMs: undefined });
  const takeWindow = createWindows(metrics);
  const toEmfLines = createEmfLines();
  const emit = () => {
    const lines = toEmfLines(takeWindow(), NOW);
    return { lines, events: lines.map((line) => JSON.parse(line) as EmfEvent) };
  };
  return { metrics, emit };
}

describe('the lines of a window', () => {
  it('tell every counter and gauge when nothing happened, and no distribution', () => {
    const { events, lines } = createEmitted().emit();
    expect(lines.flatMap(findFlaws)).toEqual([]);
    expect(events).toHaveLength(1);
    const told = metricDefinitions.filter(({ kind }) => kind !== 'distribution');
    for (const { name } of told) expect(valuesOf(events, name)).toEqual([0]);
    expect(events[0]?._aws).toEqual({
      Timestamp: NOW,
      CloudWatchMetrics: [
        {
          Namespace: 'Laurel',
          Dimensions: [['Service']],
          Metrics: told.map(({ name, unit }) => ({ Name: name, Unit: unit })).sort(byName),
        },
      ],
    });
    expect(events[0]).toMatchObject({ Service: 'laurel' });
  });

  it('tell what counters counted since the window before', () => {
    const { metrics, emit } = createEmitted();
    metrics.requests.add();
    metrics.requests.add();
    expect(valuesOf(emit().events, 'Requests')).toEqual([2]);
    metrics.requests.add();
    expect(valuesOf(emit().events, 'Requests')).toEqual([1]);
    expect(valuesOf(emit().events, 'Requests')).toEqual([0]);
  });

  it('tell why action tokens were rejected, without a dimension that would be billed', () => {
    const { metrics, emit } = createEmitted();
    metrics.actionTokensRejected.add('action_token_expired');
    metrics.actionTokensRejected.add('action_token_expired');
    metrics.actionTokensRejected.add('action_token_invalid');
    const { events } = emit();
    expect(valuesOf(events, 'ActionTokensRejected')).toEqual([3]);
    expect(events[0]).toMatchObject({
      ActionTokensRejectedByCode: { action_token_expired: 2, action_token_invalid: 1 },
    });
  });

  it('tell what a gauge says now', () => {
    const { metrics, emit } = createEmitted();
    metrics.sseConnections.readFrom(() => 7);
    expect(valuesOf(emit().events, 'SseConnections')).toEqual([7]);
  });

  it('tell each duration of up to a thousand, a hundred in a line', () => {
    const { metrics, emit } = createEmitted();
    for (let n = 1; n <= 250; n += 1) metrics.broadcastLatency.record(n);
    const { lines, events } = emit();
    expect(lines.flatMap(findFlaws)).toEqual([]);
    expect(events).toHaveLength(3);
    const told = valuesOf(events, 'BroadcastLatency');
    expect(told).toHaveLength(250);
    told.forEach((value, n) => expect(Math.abs(value / (n + 1) - 1)).toBeLessThan(0.004));
    expect(emit().events).toHaveLength(1);
  });

  it('are ten at most, and short, whatever the traffic', () => {
    const { metrics, emit } = createEmitted();
    for (const count of [4000, 13_000, 50_000]) {
      for (let n = 0; n < count; n += 1) {
        metrics.scoreUpdateLatency.record(Math.random() * 1000);
        metrics.leaderboardReadLatency.record(Math.random() * 1000);
        metrics.broadcastLatency.record(Math.random() * 1000);
      }
      const { lines, events } = emit();
      expect(lines.flatMap(findFlaws)).toEqual([]);
      expect(lines.length).toBeLessThanOrEqual(10);
      expect(valuesOf(events, 'ScoreUpdateLatency').length).toBeGreaterThanOrEqual(300);
    }
  });

  it('have the percentiles of all durations to within 2 %, however long their tail', () => {
    // A Pareto distribution whose variance, and at the lower exponents mean, is infinite.
    const tails = fc.record({ exponent: fc.double({ min: 0.6, max: 3, noNaN: true }), seed: fc.nat() });
    fc.assert(
      fc.property(tails, fc.integer({ min: 1, max: 20_000 }), ({ exponent, seed }, count) => {
        const { metrics, emit } = createEmitted();
        const random = createRandom(seed);
        const durationsMs = Array.from({ length: count }, () =>
          Math.min(1_000_000, 0.5 * (1 - random()) ** (-1 / exponent)),
        );
        for (const durationMs of durationsMs) metrics.scoreUpdateLatency.record(durationMs);
        const told = valuesOf(emit().events, 'ScoreUpdateLatency');
        for (const percent of [50, 90, 99])
          expect(Math.abs(percentile(told, percent) / percentile(durationsMs, percent) - 1)).toBeLessThan(
            0.02,
          );
      }),
      { numRuns: 60 },
    );
  });
});

describe('what checks the lines', () => {
  const line = (change: object) => {
    const [good = ''] = createEmitted().emit().lines;
    return JSON.stringify({ ...(JSON.parse(good) as object), ...change });
  };
  const directive = { Namespace: 'Laurel', Dimensions: [['Service']], Metrics: [{ Name: 'Requests' }] };
  const aws = (change: object) => ({
    _aws: { Timestamp: NOW, CloudWatchMetrics: [{ ...directive, ...change }] },
  });

  it.each([
    ['text before it', `INFO ${line({})}`],
    ['no directive', line({ _aws: { Timestamp: NOW, CloudWatchMetrics: [] } })],
    ['no time', line({ _aws: { CloudWatchMetrics: [directive] } })],
    ['a metric that is text', line({ Requests: '3' })],
    ['a metric that is missing', line({ Requests: undefined })],
    ['a metric that is null', line({ Requests: null })],
    ['an empty array', line({ Requests: [] })],
    ['101 values', line({ Requests: Array.from({ length: 101 }, () => 1) })],
    ['nested values', line({ Requests: [[1]] })],
    ['a dimension that is missing', line(aws({ Dimensions: [['Task']] }))],
    ['a dimension that is a number', line({ Service: 1 })],
    ['31 dimensions', line(aws({ Dimensions: [Array.from({ length: 31 }, () => 'Service')] }))],
    ['an unknown unit', line(aws({ Metrics: [{ Name: 'Requests', Unit: 'Requests' }] }))],
    ['a metric twice', line(aws({ Metrics: [{ Name: 'Requests' }, { Name: 'Requests' }] }))],
    ['16 KB', line({ note: 'x'.repeat(16 * 1024) })],
  ])('finds a flaw in a line with %s', (_what, flawed) => {
    expect(findFlaws(flawed)).not.toEqual([]);
  });
});

function byName(a: { Name: string }, b: { Name: string }): number {
  const order = metricDefinitions.map(({ name }) => name as string);
  // Counters are told before gauges.
  const kind = ({ Name }: { Name: string }) =>
    metricDefinitions.find(({ name }) => name === Name)?.kind === 'gauge' ? 1 : 0;
  return kind(a) - kind(b) || order.indexOf(a.Name) - order.indexOf(b.Name);
}
