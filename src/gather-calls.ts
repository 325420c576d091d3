import { Lanes } from './lanes.ts';

interface Waiting<Item, Result> {
  readonly item: Item;
  /** On the clock of `performance`. */
  readonly since: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** Resolves with a result for each item, in their order. */
type CallMany<Item, Result> = (items: readonly Item[]) => Promise<readonly Result[]>;

/** Who waited this long behind a call that fails has waited enough: the next one may meet the same silence. */
const SILENCE_MS = 1000;

interface GatherOptions {
  /** Of one call. */
  readonly maxItems: number;
  /** Of calls that are under way at once. */
  readonly maxCalls: number;
}

/**
 * Makes calls with one item out of one with many, of those that come together, as Lanes says. Each begins after all of
 * its items came. Rejects as the call that it shared.
 */
export function gatherCalls<Item, Result>(
  callMany: CallMany<Item, Result>,
  { maxItems, maxCalls }: GatherOptions,
): (item: Item) => Promise<Result> {
  let waiting: Waiting<Item, Result>[] = [];

  const dispatch = () => {
    while (lanes.mayBegin(waiting.length)) {
      const shared = waiting.slice(0, maxItems);
      waiting = waiting.slice(maxItems);
      lanes.run(async () => await call(shared));
    }
  };
  const lanes = new Lanes({ max: maxCalls, full: maxItems, dispatch });

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
      lanes.dispatchSoon();
    });
}
