/** What became of the hits of one window that were counted together. */
export interface CountedHits {
  /** How many of them were admitted. */
  readonly admitted: number;
  /** The hits in the window then, these included. */
  readonly hits: number;
  /** In how many milliseconds there will be fewer. */
  readonly fewerInMs: number;
}

export interface Hit {
  /** The hits in the window, this one included; undefined when it was refused. */
  readonly totalHits: number | undefined;
  readonly fewerInMs: number;
}

/** How many of the hits came for each window, which are named in the order in which they first came. */
export function countWindows(hits: readonly string[]): Map<string, number> {
  const came = new Map<string, number>();
  for (const window of hits) came.set(window, (came.get(window) ?? 0) + 1);
  return came;
}

/** What became of each hit, named by its window: what came first was admitted first. Throws when one is missing. */
export function hitsInTurn(hits: readonly string[], counted: ReadonlyMap<string, CountedHits>): Hit[] {
  const places = new Map<string, number>();
  return hits.map((window) => {
    const place = (places.get(window) ?? 0) + 1;
    places.set(window, place);
    const together = counted.get(window);
    if (together === undefined) throw new Error('a window was not counted');
    const { admitted, hits: total, fewerInMs } = together;
    return { totalHits: place <= admitted ? total - admitted + place : undefined, fewerInMs };
  });
}
