import { beforeAll, describe, expect, it } from 'vitest';

import type { Statement } from '../../src/db/index.ts';
import { type Fleet, nth, spend, startFleet } from '../harness/fleet.ts';
import { type InsertedPlayer, insertPlayers, signTestAction } from '../harness/players.ts';

const books: Statement = {
  name: 'test_books',
  text: `
    SELECT s.user_id AS "userId", s.total_score AS "total", s.version,
           (SELECT sum(e.applied_delta)::bigint FROM score_events e WHERE e.user_id = s.user_id) AS "ofEvents",
           (SELECT count(*) FROM score_events e WHERE e.user_id = s.user_id) AS "events"
    FROM scores s WHERE s.user_id = ANY ($1::uuid[])`,
};

interface Books {
  readonly userId: string;
  readonly total: number;
  readonly version: number;
  readonly ofEvents: number;
  readonly events: number;
}

async function readBooks({ db }: Fleet, players: readonly InsertedPlayer[]): Promise<Books[]> {
  return await db.run<Books>(books, [players.map(({ userId }) => userId)]);
}

const times = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('scores over four processes', () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet(4);
  });

  it('loses none of 1,000 concurrent updates of one player (EDGE-001)', async () => {
    const [player] = await insertPlayers(fleet.db, 1);
    if (player === undefined) throw new Error('no player');
    const answers = await Promise.all(
      times(1000).map(
        async (n) => await spend(nth(fleet.processes, n), player, signTestAction(player.userId), 1 + (n % 7)),
      ),
    );
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    const sum = times(1000).reduce((total, n) => total + 1 + (n % 7), 0);
    const expected = { userId: player.userId, total: sum, version: 1000, ofEvents: sum, events: 1000 };
    expect(await readBooks(fleet, [player])).toEqual([expected]);
    expect(Math.max(...answers.map(({ body }) => body.total_score))).toBe(sum);
    expect(new Set(answers.map(({ body }) => body.total_score)).size).toBe(1000);
  });

  it('scores once for 100 concurrent spends of one token, and gives all the same verdict (EDGE-006)', async () => {
    const [player] = await insertPlayers(fleet.db, 1);
    if (player === undefined) throw new Error('no player');
    const token = signTestAction(player.userId);
    const answers = await Promise.all(
      times(100).map(async (n) => await spend(nth(fleet.processes, n), player, token, 42)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    const expected = { userId: player.userId, total: 42, version: 1, ofEvents: 42, events: 1 };
    expect(await readBooks(fleet, [player])).toEqual([expected]);
  });

  it('lets one of several deltas win for one token, and refuses the others', async () => {
    const [player] = await insertPlayers(fleet.db, 1);
    if (player === undefined) throw new Error('no player');
    const token = signTestAction(player.userId);
    const answers = await Promise.all(
      times(40).map(async (n) => await spend(nth(fleet.processes, n), player, token, 1 + n)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(new Set(answers.filter(({ status }) => status !== 200).map(({ body }) => body.code))).toEqual(
      new Set(['action_already_consumed']),
    );
    const winner = answers.find(({ status }) => status === 200);
    expect(await readBooks(fleet, [player])).toMatchObject([{ total: winner?.body.score_delta, events: 1 }]);
  });

  it('adds up the concurrent first scores of 50 new players', async () => {
    const players = await insertPlayers(fleet.db, 50);
    const answers = await Promise.all(
      players.flatMap((player) =>
        times(8).map(
          async (n) => await spend(nth(fleet.processes, n), player, signTestAction(player.userId), 1 + n),
        ),
      ),
    );
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    const rows = await readBooks(fleet, players);
    expect(rows).toHaveLength(50);
    expect(new Set(rows.map(({ total, ofEvents, events }) => `${total} ${ofEvents} ${events}`))).toEqual(
      new Set(['36 36 8']),
    );
  });

  it('refuses the second of two players who spend one action, whichever is first', async () => {
    const players = await insertPlayers(fleet.db, 2);
    const actionId = `shared-${nth(players, 0).userId}`;
    const answers = await Promise.all(
      players.map(
        async (player, n) =>
          await spend(nth(fleet.processes, n), player, signTestAction(player.userId, { actionId }), 5),
      ),
    );
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 409]);
    expect(await readBooks(fleet, players)).toHaveLength(1);
  });
});
