import { parseArgs } from 'node:util';

import { buildService } from '../test/harness/build-service.ts';
import type { Benchmark, BenchmarkOptions } from './benchmark.ts';
import { measureGrowth } from './growth.ts';
import { withLifetime } from './harness/lifetime.ts';
import { describeMachine } from './harness/machine.ts';
import { publish } from './harness/report.ts';
import { measureLive } from './live.ts';
import { measureRead } from './read.ts';
import { measureRebuild } from './rebuild.ts';
import { measureStart } from './start.ts';
import { measureWrite } from './write.ts';

const benchmarks: Readonly<Record<string, Benchmark>> = {
  write: measureWrite,
  read: measureRead,
  live: measureLive,
  rebuild: measureRebuild,
  start: measureStart,
  growth: measureGrowth,
};
/** What each option changes. */
const changed: Readonly<Record<string, readonly string[]>> = {
  large: ['rebuild', 'growth'],
  players: ['rebuild'],
  streams: ['live'],
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    large: { type: 'boolean', default: false },
    players: { type: 'string' },
    streams: { type: 'string' },
  },
});
const names = positionals.length === 0 ? Object.keys(benchmarks) : positionals;
const unknown = names.filter((name) => benchmarks[name] === undefined);
if (unknown.length > 0)
  throw new Error(
    `there is no benchmark ${unknown.join(', ')}: choose from ${Object.keys(benchmarks).join(', ')}`,
  );
const { quick, large, players, streams } = values;
for (const [option, its] of Object.entries(changed)) {
  const isGiven =
    values[option as keyof typeof values] !== undefined && values[option as keyof typeof values] !== false;
  if (isGiven && !names.some((name) => its.includes(name)))
    throw new Error(`--${option} changes ${its.join(' and ')} only`);
}
const options: BenchmarkOptions = {
  quick,
  large,
  ...(players !== undefined && { players: toCount('players', players) }),
  ...(streams !== undefined && { streams: streams.split(',').map((count) => toCount('streams', count)) }),
};

function toCount(name: string, text: string): number {
  const count = Number(text);
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new Error(`--${name} must be above 0, and is ${text}`);
}

await buildService();
for (const name of names) {
  const machine = describeMachine();
  const report = await withLifetime(async (lifetime) => await benchmarks[name]?.(lifetime, options));
  // A target that is missed is a figure like any other; what fails a run is thrown.
  if (report !== undefined) publish(name, machine, report);
}
