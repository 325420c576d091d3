export interface Tally {
  add(what: string): void;
  counts(): Readonly<Record<string, number>>;
}

/** Counts how often each thing happened. */
export function createTally(): Tally {
  const counts = new Map<string, number>();
  return {
    add: (what) => void counts.set(what, (counts.get(what) ?? 0) + 1),
    counts: () => Object.fromEntries(counts),
  };
}
