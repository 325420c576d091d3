import type { Instant } from '../db/index.ts';

const BEGINNING: Instant = '1970-01-01T00:00:00.000000Z';

/**
 * The last first-reached time that this process gave out: whatever it gives out next is later, so that players who
 * reach a score within one tick of the database's clock rank in order of arrival (EDGE-002).
 */
export interface LastReached {
  get(): Instant;
  /** Keeps the later of the two; undefined changes nothing. */
  raise(reachedAt: Instant | undefined): void;
}

export function createLastReached(): LastReached {
  let last = BEGINNING;
  return {
    get: () => last,
    raise: (reachedAt) => {
      // Instants of one form compare as text.
      if (reachedAt !== undefined && reachedAt > last) last = reachedAt;
    },
  };
}
