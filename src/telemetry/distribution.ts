/** Powers of two, in milliseconds: a microsecond and a quarter of an hour. What lies beyond counts as the nearest. */
const MIN_EXPONENT = -10;
const MAX_EXPONENT = 20;
const BUCKETS_PER_OCTAVE = 128;
const BUCKETS = (MAX_EXPONENT - MIN_EXPONENT) * BUCKETS_PER_OCTAVE;

/** Of a double's upper word, above the bits that tell values of one bucket apart. */
const IGNORED_BITS = 13;
const EXPONENT_BIAS = 1023;
const FIRST_BUCKET = (EXPONENT_BIAS + MIN_EXPONENT) * BUCKETS_PER_OCTAVE;

/** Durations as counts of buckets. */
export interface Tally {
  /** How many fell into each bucket, since the process started or between two such tallies. */
  readonly counts: Float64Array;
  readonly count: number;
  readonly sumMs: number;
}

export interface Distribution {
  /** Takes no memory, and some ten nanoseconds. */
  record(durationMs: number): void;
  /** All since the process started. */
  tally(): Tally;
}

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
const [lower, upper] = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? [0, 1] : [1, 0];

/**
 * Counts durations in buckets that are at most 0.8 % wide, so that any quantile is known to 0.4 %, whatever the traffic,
 * in 31 KB. A bucket is the exponent and the first seven bits of a double's fraction, as in an HdrHistogram.
 */
export function createDistribution(): Distribution {
  const counts = new Float64Array(BUCKETS);
  let count = 0;
  let sumMs = 0;
  return {
    record: (durationMs) => {
      const bucket = bucketOf(durationMs);
      counts[bucket] = (counts[bucket] ?? 0) + 1;
      count += 1;
      sumMs += durationMs;
    },
    tally: () => ({ counts: counts.slice(), count, sumMs }),
  };
}

/** A bucket has its upper bound and not its lower one, as `le` of Prometheus has. */
function bucketOf(durationMs: number): number {
  double[0] = durationMs;
  const isBound = words[lower] === 0;
  const bucket = (((words[upper] ?? 0) - (isBound ? 1 : 0)) >>> IGNORED_BITS) - FIRST_BUCKET;
  return durationMs > 0 ? Math.min(Math.max(bucket, 0), BUCKETS - 1) : 0;
}

function lowerBoundOf(bucket: number): number {
  const octave = Math.floor(bucket / BUCKETS_PER_OCTAVE);
  return 2 ** (MIN_EXPONENT + octave) * (1 + (bucket % BUCKETS_PER_OCTAVE) / BUCKETS_PER_OCTAVE);
}

/** What `later` has beyond `earlier`, an earlier tally of the same distribution. */
export function subtract(later: Tally, earlier: Tally | undefined): Tally {
  if (earlier === undefined) return later;
  return {
    counts: later.counts.map((counted, bucket) => counted - (earlier.counts[bucket] ?? 0)),
    count: later.count - earlier.count,
    sumMs: later.sumMs - earlier.sumMs,
  };
}

/** How many were at most `boundMs`, which is exact where a bucket ends there, as at every whole number to 256. */
export function countUpTo({ counts }: Tally, boundMs: number): number {
  return counts.subarray(0, bucketOf(boundMs) + 1).reduce((sum, counted) => sum + counted, 0);
}

/** The durations of these ranks, in milliseconds; the shortest has rank 1, and the ranks ascend. */
export function durationsAt({ counts, count }: Tally, ranks: readonly number[]): number[] {
  const durations: number[] = [];
  let seen = 0;
  counts.forEach((counted, bucket) => {
    seen += counted;
    while (durations.length < ranks.length && seen >= Math.min(ranks[durations.length] ?? 0, count))
      durations.push(middleOf(bucket));
  });
  return durations;
}

/** In five digits. */
function middleOf(bucket: number): number {
  return Number(((lowerBoundOf(bucket) + lowerBoundOf(bucket + 1)) / 2).toPrecision(5));
}
