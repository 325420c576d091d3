import type { Bulkhead } from '../bulkhead.ts';
import { unavailable } from '../errors.ts';

interface Query {
  readonly running: Promise<unknown>;
  next: Promise<unknown> | undefined;
}

/**
 * Lets identical reads share a query without ever serving a stale one: a read that finds its query running joins
 * the next, which starts when that one ends, so its answer holds every update acknowledged before the read came in.
 * At most one query of a key runs and one waits, and nothing is kept afterwards. All of them share a bulkhead, so
 * that readers never take every connection from those who write. A read throws unavailable when the bulkhead does, and
 * when the query before its own takes longer than `maxWaitMs`.
 */
export class Coalescer {
  readonly #queries = new Map<string, Query>();
  readonly #bulkhead: Bulkhead;
  readonly #maxWaitMs: number;

  constructor(bulkhead: Bulkhead, maxWaitMs: number) {
    this.#bulkhead = bulkhead;
    this.#maxWaitMs = maxWaitMs;
  }

  async read<Result>(key: string, query: () => Promise<Result>): Promise<Result> {
    const current = this.#queries.get(key);
    if (current === undefined) return await this.#start(key, query);
    current.next ??= this.#startAfter(current, key, query);
    return (await current.next) as Result;
  }

  /** All who joined give up together; who comes later joins another. */
  async #startAfter<Result>(before: Query, key: string, query: () => Promise<Result>): Promise<Result> {
    const isOver = await settlesWithin(before.running, this.#maxWaitMs);
    if (isOver) return await this.#start(key, query);
    before.next = undefined;
    throw unavailable('the read before this one is not over');
  }

  async #start<Result>(key: string, query: () => Promise<Result>): Promise<Result> {
    const running = this.#bulkhead(query);
    const entry: Query = { running, next: undefined };
    this.#queries.set(key, entry);
    try {
      return await running;
    } finally {
      if (entry.next === undefined) this.#queries.delete(key);
    }
  }
}

async function settlesWithin(promise: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, false);
  });
  const settled = promise.then(
    () => true,
    () => true,
  );
  return await Promise.race([settled, tooLate]).finally(() => clearTimeout(timer));
}
