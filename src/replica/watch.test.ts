import { beforeEach, describe, expect, test } from 'vitest';

import { createLogger } from '../telemetry/log.ts';
import type { Mark, Progress } from './freshness.ts';
import { Gate } from './gate.ts';
import { judge } from './watch.ts';

const mark: Mark = { at: 1000, lsn: 70n, database: '7/laurel', timeline: 3 };
const progress: Progress = { inRecovery: true, replayedLsn: 70n, database: '7/laurel', timeline: 3 };
const marks = [mark];

let gate: Gate;

/** A replica that was just proven fresh, having replayed all. */
beforeEach(() => {
  gate = new Gate({ clock: () => 1000, log: createLogger('silent') });
  judge(gate, mark, progress, { marks, replayedLsn: null });
});

describe('a replica that was proven fresh', () => {
  test('is read', () => {
    expect(gate.isOpen()).toBe(true);
  });

  test('is read on when it replays no more for a moment', () => {
    judge(gate, { ...mark, lsn: 80n }, progress, { marks: [{ ...mark, lsn: 80n }], replayedLsn: 70n });
    expect(gate.isOpen()).toBe(true);
  });

  test.each([69n, null])('is not read after it went back to %s, until it is proven anew', (replayedLsn) => {
    const wentBack = { ...progress, replayedLsn };
    judge(gate, mark, wentBack, { marks, replayedLsn: 70n });
    expect(gate.isOpen()).toBe(false);
    judge(gate, mark, wentBack, { marks, replayedLsn });
    expect(gate.isOpen()).toBe(false);
    judge(gate, mark, progress, { marks, replayedLsn });
    expect(gate.isOpen()).toBe(true);
  });
});
