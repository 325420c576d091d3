import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Benchmark } from './benchmark.ts';
import { type Lifetime, withLifetime } from './harness/lifetime.ts';
import { startBenchPostgres } from './harness/postgres.ts';
import type { Row } from './harness/report.ts';
import { startBenchService } from './harness/service.ts';
import { spreadOf } from './harness/statistics.ts';

type Environment = Readonly<Record<string, string>>;

/** From the command to the first answer, with embedded storage and with a server, on nothing and on what is there. */
export const measureStart: Benchmark = async (lifetime, { quick }) => {
  const rounds = quick ? 1 : 5;
  const postgres = await startBenchPostgres(lifetime);
  const times = new Map<string, number[]>();
  const note = (what: string, seconds: number) => times.set(what, [...(times.get(what) ?? []), seconds]);
  for (let round = 0; round < rounds; round += 1) {
    const url = await postgres.createDatabase(`start_${round}`);
    for (const [store, env] of [
      ['embedded', { DATA_DIR: makeDirectory(lifetime) }],
      ['PostgreSQL', { DATABASE_URL: url }],
    ] as const) {
      note(`${store}, the first start`, await timeStart(env));
      note(`${store}, any other`, await timeStart(env));
    }
  }
  const rows = [...times].map(([what, seconds]): Row => ({ what, unit: 's', value: spreadOf(seconds) }));
  return { rows, setting: { rounds, postgres: postgres.description } };
};

/** Stops the service too, which is not counted. */
async function timeStart(env: Environment): Promise<number> {
  return await withLifetime(async (lifetime) => {
    const startedAt = performance.now();
    const { url } = await startBenchService(lifetime, env);
    const seconds = (performance.now() - startedAt) / 1000;
    const { status } = await fetch(`${url}/health/ready`);
    if (status !== 200) throw new Error(`a service that listened answered ${status} to /health/ready`);
    return seconds;
  });
}

function makeDirectory(lifetime: Lifetime): string {
  const directory = mkdtempSync(join(tmpdir(), 'laurel-start-'));
  lifetime.onEnd(() => rmSync(directory, { recursive: true }));
  return join(directory, 'data');
}
