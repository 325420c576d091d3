import { describe, expect, it } from 'vitest';

import { judge, type Sample, slope } from './report.ts';

function samplesOf(heldMiB: (minute: number) => number, errors = 0): Sample[] {
  const minutes = Array.from({ length: 21 }, (_, n) => n / 2);
  return minutes.map((minute) => ({ minute, rssMiB: 100, heldMiB: heldMiB(minute), requests: 1, errors }));
}

describe('a soak', () => {
  it('is flat when nothing grows after the warm-up', () => {
    const verdict = judge(samplesOf((minute) => Math.min(30, 20 + 5 * minute)));
    expect(verdict).toMatchObject({ flat: true, errors: 0, rssMiBPerMinute: 0 });
    expect(verdict.heldMiBPerMinute).toBeCloseTo(0);
  });

  it('is not flat when what is held grows steadily, whatever the noise', () => {
    const verdict = judge(samplesOf((minute) => 20 + 0.3 * minute + (minute % 1 === 0 ? 0.05 : 0)));
    expect(verdict).toMatchObject({ flat: false });
    expect(verdict.heldMiBPerMinute).toBeCloseTo(0.3, 1);
  });

  it('counts the errors of the whole run', () => {
    expect(judge(samplesOf(() => 20, 3)).errors).toBe(3);
  });
});

it('the slope of a straight line is its own, with a point or two beside it', () => {
  const points = Array.from({ length: 10 }, (_, x) => [x, 1 + 2 * x + (x === 3 ? 60 : 0)] as const);
  expect(slope(points)).toBe(2);
});
