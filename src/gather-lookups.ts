interface Waiting<Found> {
  readonly key: string;
  /** On the clock of `performance`. */
  readonly since: number;
  readonly resolve: (found: Found | undefined) => void;
  readonly reject: (error: unknown) => void;
}

type FindMany<Found> = (keys: readonly string[]) => Promise<ReadonlyMap<string, Found>>;

const MAX_IN_FLIGHT = 2;
const MAX_KEYS = 256;
/** Who waited this long behind a call that fails has waited enough: the next one may meet the same silence. */
const SILENCE_MS = 1000;

/**
 * Makes single lookups out of one that finds many: those that come while calls are in flight share the next one, which
 * begins after each of them came. A lone lookup goes at once; there is no timer. Rejects as the call that it shared.
 */
export function gatherLookups<Found>(findMany: FindMany<Found>): (key: string) => Promise<Found | undefined> {
  let waiting: Waiting<Found>[] = [];
  let inFlight = 0;

  const dispatch = () => {
    if (inFlight === MAX_IN_FLIGHT || waiting.length === 0) return;
    const shared = waiting.slice(0, MAX_KEYS);
    waiting = waiting.slice(MAX_KEYS);
    inFlight += 1;
    void find(shared).finally(() => {
      inFlight -= 1;
      dispatch();
    });
  };

  const find = async (shared: readonly Waiting<Found>[]) => {
    const startedAt = performance.now();
    try {
      const found = await findMany(shared.map(({ key }) => key));
      for (const { key, resolve } of shared) resolve(found.get(key));
    } catch (error) {
      const silentSince = performance.now() - SILENCE_MS;
      const behind = startedAt > silentSince ? [] : waiting.filter(({ since }) => since <= silentSince);
      waiting = waiting.slice(behind.length);
      for (const { reject } of [...shared, ...behind]) reject(error);
    }
  };

  return async (key) =>
    await new Promise((resolve, reject) => {
      waiting.push({ key, since: performance.now(), resolve, reject });
      dispatch();
    });
}
