import { durationsAt, type Tally } from './distribution.ts';

/** Ten seconds each, in the minute that an alarm looks at. */
const WINDOWS_OF_A_MINUTE = 6;

/**
 * Returns a function that tells, window after window, durations that stand for all of them: each, or every n-th in the
 * order of their lengths where a window of the last minute had more than `max`. All of a minute stand for as many, so
 * that percentiles over several windows are those of all durations, though some windows have few that are long.
 */
export function createThinning(max: number): (tally: Tally) => number[] {
  const counts: number[] = [];
  /** What part of a stride has passed since the last duration that was told. */
  let phase = 0;
  return (tally) => {
    counts.push(tally.count);
    if (counts.length > WINDOWS_OF_A_MINUTE) counts.shift();
    const stride = Math.max(1, Math.max(...counts) / max);
    const strides = tally.count / stride + phase;
    const told = Math.min(max, Math.floor(strides));
    const ranks = Array.from({ length: told }, (_, n) => Math.ceil((n + 1 - phase) * stride));
    phase = strides - told;
    return durationsAt(tally, ranks);
  };
}
