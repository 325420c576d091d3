/** The state of a soak at one moment. */
export interface Sample {
  readonly minute: number;
  readonly rssMiB: number;
  /** The heap and what it holds outside, after a full collection. */
  readonly heldMiB: number;
  readonly requests: number;
  readonly errors: number;
}

export interface Verdict {
  /** Growth of what is held, after the warm-up. */
  readonly heldMiBPerMinute: number;
  readonly rssMiBPerMinute: number;
  readonly boundMiBPerMinute: number;
  readonly errors: number;
  readonly flat: boolean;
}

/**
 * A leak of 22 bytes in each of 200 requests a second grows by this much. It takes ten minutes to tell: a shorter run
 * measures how bounded caches fill.
 */
const BOUND_MIB_PER_MINUTE = 0.25;
/** The part in which code is compiled, pools are opened and caches are filled for the first time. */
const WARM_UP = 0.3;

/** Judges the samples of a whole run. */
export function judge(samples: readonly Sample[]): Verdict {
  const total = samples.at(-1)?.minute ?? 0;
  const warm = samples.filter(({ minute }) => minute >= total * WARM_UP);
  const heldMiBPerMinute = slope(warm.map(({ minute, heldMiB }) => [minute, heldMiB]));
  return {
    heldMiBPerMinute,
    rssMiBPerMinute: slope(warm.map(({ minute, rssMiB }) => [minute, rssMiB])),
    boundMiBPerMinute: BOUND_MIB_PER_MINUTE,
    errors: samples.at(-1)?.errors ?? 0,
    flat: heldMiBPerMinute <= BOUND_MIB_PER_MINUTE,
  };
}

/** The median of the slopes between all pairs of points (Theil and Sen): a machine that stalls at one sample does not tilt it. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const slopes = points.flatMap(([x, y], index) =>
    points.slice(index + 1).map(([otherX, otherY]) => (otherY - y) / (otherX - x)),
  );
  slopes.sort((a, b) => a - b);
  return slopes[Math.floor(slopes.length / 2)] ?? 0;
}

const columns: readonly (readonly [title: string, of: (sample: Sample) => string])[] = [
  ['minute', ({ minute }) => minute.toFixed(1)],
  ['RSS MiB', ({ rssMiB }) => rssMiB.toFixed(1)],
  ['held MiB', ({ heldMiB }) => heldMiB.toFixed(2)],
  ['requests', ({ requests }) => String(requests)],
  ['errors', ({ errors }) => String(errors)],
];
const WIDTH = 10;

export const tableHead = columns.map(([title]) => title.padStart(WIDTH)).join('');

export function toTableRow(sample: Sample): string {
  return columns.map(([, of]) => of(sample).padStart(WIDTH)).join('');
}
