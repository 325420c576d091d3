import { setImmediate as turn } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import { unavailable } from '../errors.ts';
import type { Outcome, ScoreUpdate } from './score.ts';
import { MAX_BATCH_SIZE, MAX_WAITING, MAX_WAITING_OF_PLAYER, ScoreBatcher } from './score-batcher.ts';

let actions = 0;

function update(userId: string): ScoreUpdate {
  actions += 1;
  return {
    leaderboardId: 'global',
    userId,
    actionId: `a${actions}`,
    scoreDelta: 1,
    maxScore: 1,
    expiresAt: 1,
  };
}

function outcomeOf({ leaderboardId, userId, actionId, scoreDelta }: ScoreUpdate): Outcome {
  const scoreFirstReachedAt = '2026-01-01T00:00:00.000000Z';
  return {
    kind: 'scored',
    current: { totalScore: 0, scoreFirstReachedAt: '', version: 1 },
    verdict: {
      leaderboardId,
      userId,
      actionId,
      scoreDelta,
      totalScore: 1,
      scoreFirstReachedAt,
      capped: false,
    },
  };
}

interface Run {
  readonly users: string[];
  readonly lockTimeoutMs: number;
  readonly finish: () => void;
  readonly fail: (error: unknown) => void;
}

/** A batcher whose statements end when the test says so. */
function controlledBatcher({ maxInFlight = 1, clock = (): number => 0 } = {}) {
  const runs: Run[] = [];
  const apply = async (updates: readonly ScoreUpdate[], lockTimeoutMs: number) =>
    await new Promise<Outcome[]>((resolve, reject) => {
      const users = updates.map(({ userId }) => userId);
      runs.push({ users, lockTimeoutMs, finish: () => resolve(updates.map(outcomeOf)), fail: reject });
    });
  return { runs, batcher: new ScoreBatcher({ apply, clock, maxInFlight }) };
}

function sqlError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

const users = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `u${from + index}`);

describe('ScoreBatcher', () => {
  it('sends a lone update within a turn of the event loop, alone', async () => {
    const { runs, batcher } = controlledBatcher();
    const outcome = batcher.submit(update('u1'));
    await turn();
    expect(runs.map((run) => run.users)).toEqual([['u1']]);
    runs[0]?.finish();
    expect(await outcome).toMatchObject({ kind: 'scored', verdict: { userId: 'u1' } });
  });

  it('sends together what arrived in one turn or while a batch was in flight, oldest first, up to a full one', async () => {
    const { runs, batcher } = controlledBatcher();
    const submit = async (user: string) => await batcher.submit(update(user));
    const all = users(0, 2).map(submit);
    await turn();
    all.push(...users(2, 100).map(submit));
    await turn();
    expect(runs.map((run) => run.users)).toEqual([users(0, 2)]);
    runs[0]?.finish();
    await expect.poll(() => runs.length).toBe(2);
    expect(runs[1]?.users).toEqual(users(2, 2 + MAX_BATCH_SIZE));
    runs[1]?.finish();
    await expect.poll(() => runs.length).toBe(3);
    expect(runs[2]?.users).toEqual(users(2 + MAX_BATCH_SIZE, 100));
    runs[2]?.finish();
    await Promise.all(all);
  });

  it('has no more than the allowed batches in flight, however many are full', async () => {
    const { runs, batcher } = controlledBatcher({ maxInFlight: 2 });
    for (const user of users(0, 5 * MAX_BATCH_SIZE)) void batcher.submit(update(user));
    await turn();
    expect(runs).toHaveLength(2);
  });

  it('gives a player one place in flight and keeps the order of its updates', async () => {
    const { runs, batcher } = controlledBatcher({ maxInFlight: 2 });
    const order: string[] = [];
    const submit = async (name: string, user: string) => {
      await batcher.submit(update(user));
      order.push(name);
    };
    const all = [
      submit('first', 'same'),
      submit('second', 'same'),
      submit('third', 'same'),
      submit('other', 'other'),
    ];
    await turn();
    expect(runs.map((run) => run.users)).toEqual([['same', 'other']]);
    for (let next = 0; next < 3; next += 1) {
      await expect.poll(() => runs.length).toBeGreaterThan(next);
      runs[next]?.finish();
    }
    await Promise.all(all);
    expect(order.filter((name) => name !== 'other')).toEqual(['first', 'second', 'third']);
  });

  it.each(['40P01', '40001', '55P03'])(
    'runs a batch once more after %s, then its updates singly',
    async (code) => {
      const { runs, batcher } = controlledBatcher();
      const first = batcher.submit(update('u0'));
      await turn();
      const others = users(1, 4).map(async (user) => await batcher.submit(update(user)));
      runs[0]?.finish();
      await first;
      await expect.poll(() => runs.length).toBe(2);
      runs[1]?.fail(sqlError(code));
      await expect.poll(() => runs.length).toBe(3);
      expect(runs[2]?.users).toEqual(users(1, 4));
      runs[2]?.fail(sqlError(code));
      await expect.poll(() => runs.length).toBe(6);
      expect(runs.slice(3).map((run) => run.users)).toEqual([['u1'], ['u2'], ['u3']]);
      expect(runs.map((run) => run.lockTimeoutMs)).toEqual([250, 250, 250, 2000, 2000, 2000]);
      for (const run of runs.slice(3)) run.finish();
      await Promise.all(others);
    },
  );

  it('lets other players go on while one is held, and keeps the held one out of batches for a while', async () => {
    let now = 0;
    const { runs, batcher } = controlledBatcher({ clock: () => now });
    const held = batcher.submit(update('held'));
    await turn();
    runs[0]?.fail(sqlError('55P03'));
    await expect.poll(() => runs.length).toBe(2);
    runs[1]?.fail(sqlError('55P03'));
    await expect.poll(() => runs.length).toBe(3);
    const other = batcher.submit(update('free'));
    await turn();
    expect(runs[3]?.users).toEqual(['free']);
    runs[3]?.finish();
    await other;
    now = 2000;
    runs[2]?.fail(sqlError('55P03'));
    await expect(held).rejects.toMatchObject({ code: '55P03' });

    const again = batcher.submit(update('held'));
    await expect.poll(() => runs.length).toBe(5);
    expect(runs[4]).toMatchObject({ users: ['held'], lockTimeoutMs: 2000 });
    runs[4]?.finish();
    await again;
  });

  it('fails the whole batch, once, when the database is lost', async () => {
    const { runs, batcher } = controlledBatcher();
    const first = batcher.submit(update('u0'));
    await turn();
    const others = users(1, 4).map(
      async (user) => await batcher.submit(update(user)).catch((error: unknown) => error),
    );
    runs[0]?.finish();
    await first;
    await expect.poll(() => runs.length).toBe(2);
    runs[1]?.fail(sqlError('57P01'));
    expect(await Promise.all(others)).toEqual(
      [1, 2, 3].map(() => expect.objectContaining({ code: '57P01' })),
    );
    expect(runs).toHaveLength(2);
  });

  it('lets nobody wait through more than one silence of the database', async () => {
    let now = 0;
    const { runs, batcher } = controlledBatcher({ clock: () => now });
    const submit = async (user: string) =>
      await batcher.submit(update(user)).catch(({ code }: { code: string }) => code);
    const early = [submit('same'), submit('same'), submit('same')];
    await turn();
    now = 5000;
    const late = submit('late');
    now = 6000;
    runs[0]?.fail(sqlError('57014'));
    expect(await Promise.all(early)).toEqual(['57014', '57014', '57014']);
    await expect.poll(() => runs.length).toBe(2);
    expect(runs[1]?.users).toEqual(['late']);
    runs[1]?.finish();
    expect(await late).toMatchObject({ kind: 'scored' });
  });

  it('fails nobody who waits when a connection is lost at once', async () => {
    const { runs, batcher } = controlledBatcher();
    const first = batcher.submit(update('same')).catch(({ code }: { code: string }) => code);
    const second = batcher.submit(update('same'));
    await turn();
    runs[0]?.fail(sqlError('57P01'));
    expect(await first).toBe('57P01');
    await expect.poll(() => runs.length).toBe(2);
    runs[1]?.finish();
    expect(await second).toMatchObject({ kind: 'scored' });
  });

  it('does not let one bad update fail its companions', async () => {
    const { runs, batcher } = controlledBatcher();
    const first = batcher.submit(update('u0'));
    await turn();
    const bad = batcher.submit(update('bad')).catch((error: unknown) => error);
    const good = batcher.submit(update('good'));
    runs[0]?.finish();
    await first;
    await expect.poll(() => runs.length).toBe(2);
    runs[1]?.fail(sqlError('22P02'));
    await expect.poll(() => runs.length).toBe(4);
    runs[2]?.fail(sqlError('22P02'));
    runs[3]?.finish();
    expect(await bad).toMatchObject({ code: '22P02' });
    expect(await good).toMatchObject({ kind: 'scored' });
  });

  it('answers unavailable when too many wait', async () => {
    const { batcher } = controlledBatcher();
    for (const user of users(0, MAX_WAITING)) void batcher.submit(update(user));
    await expect(batcher.submit(update('one too many'))).rejects.toEqual(
      unavailable('too many score updates are waiting'),
    );
  });

  it('keeps one player from taking the places of the others', async () => {
    const { batcher } = controlledBatcher();
    for (let n = 0; n < MAX_WAITING_OF_PLAYER; n += 1) void batcher.submit(update('eager'));
    await expect(batcher.submit(update('eager'))).rejects.toMatchObject({ code: 'unavailable' });
    const other = batcher.submit(update('other'));
    await expect(Promise.race([other, Promise.resolve('waits')])).resolves.toBe('waits');
  });

  it('answers unavailable to a single that waited too long behind others', async () => {
    let now = 0;
    const { runs, batcher } = controlledBatcher({ clock: () => now });
    const all = users(0, 20).map(
      async (user) => await batcher.submit(update(user)).catch((error: unknown) => error),
    );
    await turn();
    runs[0]?.fail(sqlError('55P03'));
    await expect.poll(() => runs.length).toBe(2);
    runs[1]?.fail(sqlError('55P03'));
    await expect.poll(() => runs.length).toBe(10);
    now = 16_000;
    for (const run of runs.slice(2)) run.finish();
    const answers = await Promise.all(all);
    expect(answers.filter((answer) => (answer as { code?: string }).code === 'unavailable')).toHaveLength(12);
    expect(runs).toHaveLength(10);
  });

  it('answers unavailable to an update that waited too long', async () => {
    let now = 0;
    const { runs, batcher } = controlledBatcher({ clock: () => now });
    const first = batcher.submit(update('u0'));
    await turn();
    const late = batcher.submit(update('u1'));
    now = 16_000;
    runs[0]?.finish();
    await first;
    await expect(late).rejects.toMatchObject({ code: 'unavailable', retryAfterSeconds: 1 });
    expect(runs).toHaveLength(1);
  });
});
