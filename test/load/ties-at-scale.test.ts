import { expect, it } from 'vitest';

import { rebuild } from '../../src/leaderboards/sync/rebuild.ts';
import { createApplyBatch } from '../../src/scores/apply-batch.ts';
import { insertPlayers } from '../harness/players.ts';
import { insertBoard, listPages, openTestStores, readIndexed, readStored } from '../harness/stored-board.ts';

const PLAYERS = 10_000;
const BATCH = 64;
const NEAR_THE_CAP = Number.MAX_SAFE_INTEGER - 1;

it('10,000 players with one score near 2^53 are listed by both stores as they reached it', async () => {
  const stores = await openTestStores();
  const board = await insertBoard(stores.db);
  const players = await insertPlayers(stores.db, PLAYERS);
  const arrival = players
    .map(({ userId }) => ({ userId, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ userId }) => userId);
  const apply = createApplyBatch(stores.db);
  for (let start = 0; start < PLAYERS; start += BATCH) {
    const updates = arrival.slice(start, start + BATCH).map((userId) => ({
      leaderboardId: board,
      userId,
      actionId: crypto.randomUUID(),
      scoreDelta: NEAR_THE_CAP,
      maxScore: NEAR_THE_CAP,
      expiresAt: 4e9,
    }));
    await apply(updates, 5000);
  }
  await rebuild(stores, board);
  const stored = await readStored(stores.db, board);
  const indexed = await readIndexed(stores, board);
  expect(stored.scores.map(({ userId }) => userId)).toEqual(arrival);
  expect(indexed?.scores.map(({ userId }) => userId)).toEqual(arrival);
  expect(await listPages(stores, board)).toEqual(arrival);
  expect(new Set(indexed?.scores.map(({ totalScore }) => totalScore))).toEqual(new Set([NEAR_THE_CAP]));
}, 180_000);
