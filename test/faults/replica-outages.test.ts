import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import { startProcess } from '../harness/process.ts';
import { type ReplicatedService, startReplicatedService } from '../harness/replicated-service.ts';
import { until } from '../harness/until.ts';

const SLOWEST_MS = 1000;

let service: ReplicatedService;

beforeAll(async () => {
  service = await startReplicatedService();
});

interface Load {
  /** The status of every answer. */
  readonly statuses: readonly number[];
  stop(): Promise<void>;
}

/** Eight readers of different pages and positions, each as fast as it is answered. */
async function startLoad(): Promise<Load> {
  const player = await service.insertPlayer();
  await service.score(player, 5);
  const paths = [1, 2, 3, 4].flatMap((n) => [
    `/v1/leaderboards/global?limit=${n}`,
    `/v1/leaderboards/global/users/${player.userId}?around=${n}`,
  ]);
  const statuses: number[] = [];
  const stopping = new AbortController();
  const readers = paths.map(async (path) => {
    while (!stopping.signal.aborted) statuses.push((await service.get(path)).status);
  });
  const stop = async () => {
    stopping.abort();
    await Promise.all(readers);
  };
  onTestFinished(stop);
  return { statuses, stop };
}

async function untilAnswered({ statuses }: Load, more: number): Promise<void> {
  const enough = statuses.length + more;
  await until(`${more} reads are answered`, () => statuses.length >= enough);
}

/** As the service measured them: the readers here stand still while a server is started or stopped. */
function durationsMs(from: number): number[] {
  const requests = service.logs
    .slice(from)
    .filter(({ route }) => String(route).startsWith('/v1/leaderboards'));
  return requests.map(({ duration_ms: duration }) => Number(duration));
}

describe('under load', () => {
  it.each([
    [
      'is stopped',
      async () => await service.store.replica.stop(),
      async () => await service.store.replica.start(),
    ],
    [
      'crashes',
      async () => await service.store.replica.crash(),
      async () => await service.store.replica.start(),
    ],
    ['freezes', async () => await service.store.replica.freeze(), async () => service.store.replica.thaw()],
  ])('a replica that %s fails and delays no read, and is used again', async (_, begin, end) => {
    const from = service.logs.length;
    const load = await startLoad();
    await untilAnswered(load, 50);
    await begin();
    try {
      await service.untilReplicaIs('not_used');
      await untilAnswered(load, 200);
    } finally {
      await end();
    }
    await service.untilReplicaIs('used');
    await untilAnswered(load, 50);
    await load.stop();
    expect(new Set(load.statuses)).toEqual(new Set([200]));
    await until('every read is logged', () => durationsMs(from).length === load.statuses.length);
    expect(Math.max(...durationsMs(from))).toBeLessThan(SLOWEST_MS);
  });
});

it('a frozen replica holds up neither a start nor a stop', async () => {
  const { replica, env } = service.store;
  await replica.freeze();
  try {
    const other = await startProcess(env);
    expect((await fetch(`${other.url}/v1/leaderboards/global`)).status).toBe(200);
    expect(await other.stop()).toMatchObject({ code: 0 });
  } finally {
    replica.thaw();
  }
});

it('a replica that freezes when it is used does not hold up the stop', async () => {
  const { replica, env } = service.store;
  const other = await startProcess(env);
  await until('it is used', () => other.logs.some(({ msg }) => msg === 'the read replica is used'));
  await replica.freeze();
  try {
    expect(await other.stop()).toMatchObject({ code: 0 });
  } finally {
    replica.thaw();
  }
});
