import { pickStep, type World } from './steps.ts';
import type { Tally } from './tally.ts';

interface TrafficOptions {
  readonly world: World;
  readonly requestsPerSecond: number;
  readonly errors: Tally;
}

export interface Traffic {
  /** Resolves when everything that was begun has ended. */
  stop(): Promise<void>;
}

const TICK_MS = 20;
/** Beyond this the service has fallen behind, and is not given more. */
const MAX_UNDER_WAY = 500;

/** Sends requests at an even rate, whether or not earlier ones were answered. */
export function startTraffic({ world, requestsPerSecond, errors }: TrafficOptions): Traffic {
  const startedAt = performance.now();
  const already = world.client.requests();
  const underWay = new Set<Promise<unknown>>();

  const begin = () => {
    const step = pickStep()(world)
      .catch((error: unknown) => errors.add(`no answer: ${String((error as Error).cause ?? error)}`))
      .finally(() => underWay.delete(step));
    underWay.add(step);
  };
  const tick = () => {
    const due = already + ((performance.now() - startedAt) / 1000) * requestsPerSecond;
    while (world.client.requests() < due && underWay.size < MAX_UNDER_WAY) begin();
  };

  const ticking = setInterval(tick, TICK_MS);
  return {
    stop: async () => {
      clearInterval(ticking);
      await Promise.all(underWay);
    },
  };
}
