import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { Lifetime } from '../harness/lifetime.ts';
import type { Broadcast, Broadcaster, Update } from './broadcaster.ts';

/** How many clients got an update after so many milliseconds. */
type Histogram = Readonly<Record<string, number>>;

interface Arrivals {
  /** From each commit until each client got the first event that showed it. */
  readonly latencies: Histogram;
  /** Updates that no event showed. */
  readonly unshown: number;
  /** Events, by all clients together. */
  readonly received: number;
  readonly closed: number;
}

export interface Streams {
  /** Resolves when every client got the event or a later one, with when the last did, in milliseconds since 1970. */
  whole(broadcast: Broadcast): Promise<number>;
  /** To be asked when all of them have arrived. */
  arrivalsOf(updates: readonly Update[]): Promise<Arrivals>;
}

const clients = fileURLToPath(new URL('clients.mjs', import.meta.url));
const CONNECT_MS = 60_000;
const PATIENCE_MS = 20_000;

/** Connects so many streams from a process of their own; ended with the lifetime. Throws when one is refused. */
export async function openStreams(
  lifetime: Lifetime,
  { port, path }: Broadcaster,
  count: number,
): Promise<Streams> {
  const child = fork(clients);
  lifetime.onEnd(() => child.disconnect());
  const ask = async <Answer>(message: object, timeoutMs: number): Promise<Answer> => {
    child.send(message);
    const [answer] = (await once(child, 'message', { signal: AbortSignal.timeout(timeoutMs) })) as [Answer];
    return answer;
  };
  await ask({ port, path, count }, CONNECT_MS);
  return {
    whole: async ({ id }) => (await ask<{ lastAt: number }>({ whole: id }, PATIENCE_MS)).lastAt,
    arrivalsOf: async (updates) => await ask({ updates }, PATIENCE_MS),
  };
}

/** The least number of milliseconds that `share` of the clients did not exceed. */
export function quantileOfHistogram(histogram: Histogram, share: number): number {
  const counts = Object.entries(histogram).toSorted(([one], [other]) => Number(one) - Number(other));
  const wanted = share * counts.reduce((sum, [, count]) => sum + count, 0);
  let seen = 0;
  for (const [ms, count] of counts) {
    seen += count;
    if (seen >= wanted) return Number(ms);
  }
  return Number.NaN;
}
