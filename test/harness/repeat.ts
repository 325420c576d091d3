import { setTimeout as pace } from 'node:timers/promises';

export interface Repetition {
  /** Resolves when the last time is over; throws what ended it before. */
  readonly stop: () => Promise<void>;
}

/** Does something again and again, with a pause after each time, until it is stopped; `work` is told which time it is, from 0. */
export function repeat(work: (n: number) => Promise<void>, pauseMs: number): Repetition {
  const stopping = new AbortController();
  const repeating = (async () => {
    for (let n = 0; !stopping.signal.aborted; n += 1) {
      await work(n);
      await pace(pauseMs);
    }
  })();
  // Told by stop().
  repeating.catch(() => {});
  return {
    stop: async () => {
      stopping.abort();
      await repeating;
    },
  };
}
