/** The median of repeats with the extremes. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Of at least one number; the lower one of the two in the middle of an even count. */
export function spreadOf(numbers: readonly number[]): Spread {
  const sorted = numbers.toSorted((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? Number.NaN;
  return { median: at(Math.floor((sorted.length - 1) / 2)), min: at(0), max: at(sorted.length - 1) };
}

/** The smallest of the sorted numbers that `share` of them do not exceed; NaN for none. */
export function quantileOf(sorted: ArrayLike<number>, share: number): number {
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

/** The ratios of what was measured in the same rounds. */
export function ratiosOf(numbers: readonly number[], yardsticks: readonly number[]): number[] {
  return numbers.map((number, round) => number / (yardsticks[round] ?? Number.NaN));
}
