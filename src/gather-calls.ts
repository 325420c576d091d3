interface Waiting<Item, Result> {
  readonly item: Item;
  /** On the clock of `performance`. */
  readonly since: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** Resolves with a result for each item, in their order. */
type CallMany<Item, Result> = (items: readonly Item[]) => Promise<readonly Result[]>;

/** Of calls that are not full. */
const MAX_IN_FLIGHT = 2;
/** Who waited this long behind a call that fails has waited enough: the next one may meet the same silence. */
const SILENCE_MS = 1000;

/**
 * Makes calls with one item out of one with many: those that come while calls are in flight share the next one, which
 * begins after each of them came, when one of those has ended or it is full. A lone one goes at once; there is no timer.
 * Rejects as the call that it shared.
 */
export function gatherCalls<Item, Result>(
  callMany: CallMany<Item, Result>,
  maxItems: number,
): (item: Item) => Promise<Result> {
  let waiting: Waiting<Item, Result>[] = [];
  let inFlight = 0;

  const dispatch = () => {
    if (waiting.length === 0 || (inFlight >= MAX_IN_FLIGHT && waiting.length < maxItems)) return;
    const shared = waiting.slice(0, maxItems);
    waiting = waiting.slice(maxItems);
    inFlight += 1;
    void call(shared).finally(() => {
      inFlight -= 1;
      dispatch();
    });
  };

  const call = async (shared: readonly Waiting<Item, Result>[]) => {
    const startedAt = performance.now();
    try {
      const results = await callMany(shared.map(({ item }) => item));
      if (results.length !== shared.length) throw new Error('a call does not have a result for each item');
      results.forEach((result, index) => shared[index]?.resolve(result));
    } catch (error) {
      const silentSince = performance.now() - SILENCE_MS;
      const behind = startedAt > silentSince ? [] : waiting.filter(({ since }) => since <= silentSince);
      waiting = waiting.slice(behind.length);
      for (const { reject } of [...shared, ...behind]) reject(error);
    }
  };

  return async (item) =>
    await new Promise((resolve, reject) => {
      waiting.push({ item, since: performance.now(), resolve, reject });
      dispatch();
    });
}
