/** What became of hits that were counted together. */
export interface CountedHits {
  /** How many of them were admitted. */
  readonly admitted: number;
  /** The hits in the window then, these included. */
  readonly hits: number;
  /** In how many milliseconds there will be fewer. */
  readonly fewerInMs: number;
}

/** Undefined when they could not be counted; never rejects. */
type Count = (window: string, came: number) => Promise<CountedHits | undefined>;

/** Undefined for a hit that was refused. */
interface Hit {
  readonly totalHits: number | undefined;
  readonly fewerInMs: number;
}

interface Batch {
  came: number;
  readonly counted: Promise<CountedHits | undefined>;
}

/** Of a window that is being counted: the count under way, and those who wait for its end. */
interface Queue {
  current: Batch;
  next: Batch | undefined;
}

/**
 * Counts the hits of a window that come while others of it are being counted together, when those are. What comes first
 * is admitted first. They are counted after a count that failed as well: it may have been one that was late.
 */
export function gatherHits(count: Count): (window: string) => Promise<Hit | undefined> {
  const windows = new Map<string, Queue>();

  async function countNext(window: string, before: Batch, came: () => number) {
    await before.counted;
    return await count(window, came());
  }

  async function serve(window: string, first: Batch): Promise<void> {
    const queue: Queue = { current: first, next: undefined };
    windows.set(window, queue);
    await first.counted;
    while (queue.next !== undefined) {
      queue.current = queue.next;
      queue.next = undefined;
      await queue.current.counted;
    }
    windows.delete(window);
  }

  function join(window: string): Batch {
    const queue = windows.get(window);
    if (queue === undefined) {
      const first: Batch = { came: 1, counted: count(window, 1) };
      void serve(window, first);
      return first;
    }
    if (queue.next === undefined) {
      const next: Batch = { came: 0, counted: countNext(window, queue.current, () => next.came) };
      queue.next = next;
    }
    queue.next.came += 1;
    return queue.next;
  }

  return async (window) => {
    const batch = join(window);
    const place = batch.came;
    const counted = await batch.counted;
    if (counted === undefined) return undefined;
    const { admitted, hits, fewerInMs } = counted;
    return { totalHits: place <= admitted ? hits - admitted + place : undefined, fewerInMs };
  };
}
