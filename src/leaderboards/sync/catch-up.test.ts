import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';

import { until } from '../../../test/harness/until.ts';
import { Health } from '../../redis/health.ts';
import { CatchUp } from './catch-up.ts';

const log = pino({ level: 'silent' });

interface Replay {
  readonly succeed: () => void;
  readonly fail: () => void;
}

/** A process whose replays end when the test says so. */
function startProcess({ usable = true } = {}) {
  const health = new Health(log);
  if (usable) health.came();
  const replays: Replay[] = [];
  const replayAll = async () =>
    await new Promise<void>((resolve, reject) => {
      replays.push({ succeed: resolve, fail: () => reject(new Error('Redis does not answer')) });
    });
  const catchUp = new CatchUp({ health, replayAll, log });
  onTestFinished(async () => {
    const closed = catchUp.close();
    replays.at(-1)?.succeed();
    await closed;
  });
  const replay = async (n: number) =>
    await until(`replay ${n} runs`, () => (replays.length === n ? replays[n - 1] : undefined));
  const current = async () => await until('the process is current', () => catchUp.isCurrent);
  return { health, catchUp, replays, replay, current };
}

describe('a process', () => {
  test('is behind when it starts, and current when everything was replayed', async () => {
    const { catchUp, replay, current } = startProcess();
    const first = await replay(1);
    expect(catchUp.isCurrent).toBe(false);
    first.succeed();
    await current();
  });

  test('replays nothing before Redis is there', async () => {
    const { health, replays, replay, current } = startProcess({ usable: false });
    expect(replays).toEqual([]);
    health.came();
    (await replay(1)).succeed();
    await current();
  });

  test('tries again when a replay fails', async () => {
    const { catchUp, replay, current } = startProcess();
    (await replay(1)).fail();
    const second = await replay(2);
    expect(catchUp.isCurrent).toBe(false);
    second.succeed();
    await current();
  });

  test('is behind again when changes were lost, until another replay', async () => {
    const { catchUp, replay, current } = startProcess();
    (await replay(1)).succeed();
    await current();
    catchUp.fallBehind();
    expect(catchUp.isCurrent).toBe(false);
    (await replay(2)).succeed();
    await current();
  });

  test('does not count a replay that began before changes were lost', async () => {
    const { catchUp, replay, current } = startProcess();
    const early = await replay(1);
    catchUp.fallBehind();
    early.succeed();
    const late = await replay(2);
    expect(catchUp.isCurrent).toBe(false);
    late.succeed();
    await current();
  });

  test('is behind as long as Redis is away, and replays when it is back', async () => {
    const { health, catchUp, replay, current } = startProcess();
    (await replay(1)).succeed();
    await current();
    health.went(new Error('gone'));
    expect(catchUp.isCurrent).toBe(false);
    health.came();
    expect(catchUp.isCurrent).toBe(false);
    (await replay(2)).succeed();
    await current();
  });

  test('does not count a replay during which Redis went and came back', async () => {
    const { health, catchUp, replay, current } = startProcess();
    const early = await replay(1);
    health.went(new Error('gone'));
    health.came();
    early.succeed();
    (await replay(2)).succeed();
    await current();
    expect(catchUp.isCurrent).toBe(true);
  });

  test.each([0, 1, 2, 3, 4, 5, 6])(
    'notices changes that are lost %s turns after a replay has ended',
    async (turns) => {
      const { catchUp, replay, current } = startProcess();
      (await replay(1)).succeed();
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      catchUp.fallBehind();
      expect(catchUp.isCurrent).toBe(false);
      (await replay(2)).succeed();
      await current();
    },
  );

  test('runs one replay at a time, whatever happens meanwhile', async () => {
    const { catchUp, replays, replay, current } = startProcess();
    const first = await replay(1);
    for (let n = 0; n < 10; n += 1) catchUp.fallBehind();
    expect(replays).toHaveLength(1);
    first.succeed();
    (await replay(2)).succeed();
    await current();
    expect(replays).toHaveLength(2);
  });

  test('ends with the replay that runs', async () => {
    const { catchUp, replays, replay } = startProcess();
    const last = await replay(1);
    const closed = catchUp.close();
    last.fail();
    await closed;
    expect(replays).toHaveLength(1);
  });
});
