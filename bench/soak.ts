import { setTimeout as pace } from 'node:timers/promises';

import { buildService } from '../test/harness/build-service.ts';
import { createClient, type Client } from './soak/client.ts';
import { gatherCrowd } from './soak/crowd.ts';
import { readOptions, type SoakOptions } from './soak/options.ts';
import { judge, type Sample, tableHead, toTableRow } from './soak/report.ts';
import { type SoakedService, startSoakedService } from './soak/soaked-service.ts';
import { openStore } from './soak/store.ts';
import { createTally, type Tally } from './soak/tally.ts';
import { startTraffic } from './soak/traffic.ts';

const SAMPLES = 20;
const MIB = 2 ** 20;

interface Soak {
  readonly service: SoakedService;
  readonly client: Client;
  readonly errors: Tally;
}

async function takeSample({ service, client, errors }: Soak, startedAt: number): Promise<Sample> {
  const { rss, held } = await service.measure();
  const sum = Object.values(errors.counts()).reduce((total, count) => total + count, 0);
  return {
    minute: (performance.now() - startedAt) / 60_000,
    rssMiB: rss / MIB,
    heldMiB: held / MIB,
    requests: client.requests(),
    errors: sum,
  };
}

/** The table goes to stderr as it grows, so that stdout is the JSON of the result. */
function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Keeps up the load for the given time. */
async function soak(soaked: Soak, { minutes, requestsPerSecond }: SoakOptions): Promise<Sample[]> {
  const { client, errors } = soaked;
  const crowd = await gatherCrowd(client);
  const traffic = startTraffic({ world: { client, crowd }, requestsPerSecond, errors });
  const startedAt = performance.now();
  const samples: Sample[] = [];
  tell(tableHead);
  for (let n = 0; n <= SAMPLES; n += 1) {
    await pace(startedAt + (n / SAMPLES) * minutes * 60_000 - performance.now());
    const sample = await takeSample(soaked, startedAt);
    samples.push(sample);
    tell(toTableRow(sample));
  }
  await traffic.stop();
  return samples;
}

const options = readOptions(process.argv.slice(2));
await buildService();
const store = await openStore(options);
const service = await startSoakedService(store.env);
const errors = createTally();
const samples = await soak({ service, client: createClient(service.url, errors), errors }, options);
await service.stop();
await store.remove();

const verdict = judge(samples);
const result = { ...options, verdict, errors: errors.counts(), log: service.complaints(), samples };
process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
process.exitCode = verdict.flat && verdict.errors === 0 ? 0 : 1;
