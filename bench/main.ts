import { parseArgs } from 'node:util';

import { buildService } from '../test/harness/build-service.ts';
import type { Benchmark } from './benchmark.ts';
import { withLifetime } from './harness/lifetime.ts';
import { describeMachine } from './harness/machine.ts';
import { publish } from './harness/report.ts';
import { measureRead } from './read.ts';
import { measureStart } from './start.ts';
import { measureWrite } from './write.ts';

const benchmarks: Readonly<Record<string, Benchmark>> = {
  write: measureWrite,
  read: measureRead,
  start: measureStart,
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, large: { type: 'boolean', default: false } },
});
const names = positionals.length === 0 ? Object.keys(benchmarks) : positionals;
const unknown = names.filter((name) => benchmarks[name] === undefined);
if (unknown.length > 0)
  throw new Error(
    `there is no benchmark ${unknown.join(', ')}: choose from ${Object.keys(benchmarks).join(', ')}`,
  );

await buildService();
for (const name of names) {
  const machine = describeMachine();
  const report = await withLifetime(async (lifetime) => await benchmarks[name]?.(lifetime, values));
  // A target that is missed is a figure like any other; what fails a run is thrown.
  if (report !== undefined) publish(name, machine, report);
}
