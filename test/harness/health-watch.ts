import { setTimeout as pace } from 'node:timers/promises';

import type { TestProcess } from './process.ts';

export interface HealthWatch {
  /** Whether the latest answer of /health/ready was "ready". */
  ready(): boolean;
  /** What /health/live answered that was not 200 at once; none, if all is well. */
  complaints(): readonly string[];
  stop(): Promise<void>;
}

const PACE_MS = 100;
/** The load balancer's patience. */
const LIVE_WITHIN_MS = 2000;

/** Asks for both states of health again and again. */
export function watchHealth({ url }: Pick<TestProcess, 'url'>): HealthWatch {
  const complaints: string[] = [];
  let isReady = false;
  const stopping = new AbortController();
  const askLive = async () => {
    const signal = AbortSignal.timeout(LIVE_WITHIN_MS);
    const answer = await fetch(`${url}/health/live`, { signal }).catch((error: unknown) => String(error));
    const status = typeof answer === 'string' ? answer : answer.status;
    if (status !== 200) complaints.push(`/health/live: ${status}`);
  };
  const askReady = async () => {
    isReady = await fetch(`${url}/health/ready`).then(
      (response) => response.ok,
      () => false,
    );
  };
  const watching = [askLive, askReady].map(async (ask) => {
    while (!stopping.signal.aborted) {
      await ask();
      await pace(PACE_MS);
    }
  });
  return {
    ready: () => isReady,
    complaints: () => complaints,
    stop: async () => {
      stopping.abort();
      await Promise.all(watching);
    },
  };
}
