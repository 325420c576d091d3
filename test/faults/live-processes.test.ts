import { describe, expect, it } from 'vitest';

import { nth } from '../harness/fleet.ts';
import {
  createLiveStage,
  expectOrderOfPostgres,
  scoreAndWatch,
  startOnStage,
  watchBoard,
} from '../harness/live-stage.ts';

/** Half of what a re-read alone would take in the middle. */
const SOON_MS = 500;

describe.each([
  ['PostgreSQL alone', false],
  ['PostgreSQL and Redis', true],
] as const)('three processes with %s', (_, withRedis) => {
  it('show on every stream, soon, what was scored at one', { timeout: 120_000 }, async () => {
    const stage = await createLiveStage(withRedis);
    const processes = await Promise.all([1, 2, 3].map(async () => await startOnStage(stage)));
    const streams = await Promise.all(processes.map(watchBoard));
    const took: number[] = [];
    for (let n = 0; n < 9; n += 1)
      took.push(await scoreAndWatch(nth(processes, n), nth(stage.players, n), streams));
    const [middle = Infinity] = took.toSorted((one, other) => one - other).slice(4);
    expect(middle).toBeLessThan(SOON_MS);
    await expectOrderOfPostgres(stage, streams);
  });
});
