import { setTimeout } from 'node:timers/promises';

import type { Channel } from './channel.ts';
import { randomRetryMs, toClosingEvent } from './wire-format.ts';

/** Clients come back to the processes that go on, all within these seconds, and after as many again at random. */
const MAX_SPREAD_MS = 5000;
/** Fewer streams take less time. */
const ENDED_PER_MS = 2;
const STEP_MS = 50;

/** Ends all streams, one after the other within `withinMs`, and tells each client when to come back. */
export async function endStreams(channels: () => readonly Channel[], withinMs: number): Promise<void> {
  const left = () => channels().reduce((sum, { size }) => sum + size, 0);
  const spreadMs = Math.min(MAX_SPREAD_MS, withinMs, left() / ENDED_PER_MS);
  const endsAt = performance.now() + spreadMs;
  while (left() > 0) {
    const stepsLeft = Math.max(1, Math.ceil((endsAt - performance.now()) / STEP_MS));
    endSome(channels(), Math.ceil(left() / stepsLeft));
    if (left() > 0) await setTimeout(STEP_MS);
  }
}

function endSome(channels: readonly Channel[], count: number): void {
  let wanted = count;
  for (const channel of channels) wanted -= channel.end(wanted, () => toClosingEvent(randomRetryMs()));
}
