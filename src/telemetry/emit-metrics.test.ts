import { expect, it } from 'vitest';

import { type EmfEvent, findFlaws, valuesOf } from '../../test/emf/schema.ts';
import { until } from '../../test/harness/until.ts';
import { emitMetrics } from './emit-metrics.ts';
import { createMetrics } from './metrics.ts';

function startEmitter(intervalMs: number) {
  const metrics = createMetrics({ clock: Date.now, driftIntervalMs: 300_000 });
  const chunks: string[] = [];
  const output = { write: (chunk: string) => chunks.push(chunk) };
  const emitter = emitMetrics({ metrics, clock: Date.now, output, intervalMs });
  const lines = () => chunks.flatMap((chunk) => chunk.trimEnd().split('\n'));
  const events = () => lines().map((line) => JSON.parse(line) as EmfEvent);
  return { metrics, emitter, chunks, lines, events };
}

it('writes the metrics again and again, each time whole lines', async () => {
  const { metrics, emitter, chunks, lines, events } = startEmitter(5);
  metrics.requests.add();
  await until('the metrics were written three times', () => chunks.length >= 3);
  emitter.stop();
  expect(lines().flatMap(findFlaws)).toEqual([]);
  expect(chunks.every((chunk) => chunk.endsWith('}\n'))).toBe(true);
  expect(valuesOf(events(), 'Requests').reduce((sum, count) => sum + count, 0)).toBe(1);
});

it('writes what is left when it is stopped, and nothing afterwards', () => {
  const { metrics, emitter, chunks, events } = startEmitter(3_600_000);
  metrics.scoreUpdateLatency.record(12);
  emitter.stop();
  expect(chunks).toHaveLength(1);
  expect(valuesOf(events(), 'ScoreUpdateLatency')).toEqual([expect.closeTo(12, 1)]);
});

it('tells what a verification found at once, and with every window for as long as it holds', () => {
  const { metrics, emitter, lines, events } = startEmitter(3_600_000);
  metrics.leaderboardDrift.record('global', 4);
  expect(valuesOf(events(), 'LeaderboardDrift')).toEqual([4]);
  metrics.leaderboardDrift.record('global', 0);
  emitter.stop();
  expect(valuesOf(events(), 'LeaderboardDrift')).toEqual([4, 0, 0]);
  expect(lines().flatMap(findFlaws)).toEqual([]);
});
