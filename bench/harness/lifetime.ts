type Remove = () => Promise<void> | void;

/** What was started for a run and has to be ended with it. */
export interface Lifetime {
  /** Has `remove` called at the end, before what was there already. */
  onEnd(remove: Remove): void;
}

/** Ends what `work` started, the latest first, whichever way it ends. */
export async function withLifetime<Result>(work: (lifetime: Lifetime) => Promise<Result>): Promise<Result> {
  const removals: Remove[] = [];
  try {
    return await work({ onEnd: (remove) => void removals.push(remove) });
  } finally {
    for (const remove of removals.toReversed()) await remove();
  }
}
