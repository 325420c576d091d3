/** A twelfth of a window and the hits in it, all of which count as if they had come with the latest. */
export interface Slice {
  readonly lastAt: number;
  readonly hits: number;
}

/** At most `limit` hits in any `windowMs` milliseconds. */
export interface SlidingWindow {
  readonly limit: number;
  readonly windowMs: number;
}

interface CountedHit {
  readonly slices: readonly Slice[];
  readonly admitted: boolean;
  /** The hits in the window, this one included if it was admitted. */
  readonly hits: number;
  /** When the window next has fewer hits, in milliseconds since 1970. */
  readonly fewerAt: number;
}

export const SLICES_PER_WINDOW = 12;

/**
 * Counts a hit unless the window is full. No window ever holds more than its limit: where slices are less exact than
 * a log of every hit they refuse, by remembering a hit for up to a twelfth longer. A refused hit leaves no trace, so
 * a client that never pauses still gets its quota. There are at most 13 slices, 25 while a clock is set back.
 */
export function countHit(slices: readonly Slice[], now: number, window: SlidingWindow): CountedHit {
  const recent = slices.filter((slice) => isRecent(slice, now, window.windowMs));
  const hits = recent.reduce((sum, slice) => sum + slice.hits, 0);
  const admitted = hits < window.limit;
  const counted = admitted ? addHit(recent, now, window.windowMs) : recent;
  return {
    slices: counted,
    admitted,
    hits: admitted ? hits + 1 : hits,
    fewerAt: Math.min(...counted.map(({ lastAt }) => lastAt)) + window.windowMs,
  };
}

/** Whether any of the slices still counts. */
export function hasRecent(slices: readonly Slice[], now: number, windowMs: number): boolean {
  return slices.some((slice) => isRecent(slice, now, windowMs));
}

/** A clock that is set back by more than a window must not leave anybody locked out until it catches up. */
function isRecent({ lastAt }: Slice, now: number, windowMs: number): boolean {
  return Math.abs(now - lastAt) < windowMs;
}

function addHit(slices: readonly Slice[], now: number, windowMs: number): Slice[] {
  const indexOf = (time: number) => Math.floor((time * SLICES_PER_WINDOW) / windowMs);
  const isCurrent = ({ lastAt }: Slice) => indexOf(lastAt) === indexOf(now);
  const { lastAt, hits } = slices.find(isCurrent) ?? { lastAt: now, hits: 0 };
  const others = slices.filter((slice) => !isCurrent(slice));
  return [...others, { lastAt: Math.max(lastAt, now), hits: hits + 1 }];
}
