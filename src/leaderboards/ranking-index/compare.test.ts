import { describe, expect, test } from 'vitest';

import { startPrivateRedis } from '../../../test/harness/private-redis.ts';
import { buildBoard, newBoardId, player, scoreOf } from '../../../test/harness/ranking-board.ts';
import { countIndexedPlayers, findIndexedScores, findIndexedTop } from './compare.ts';

const redis = await startPrivateRedis();
const versions = [7, 123_456_789_012, Number.MAX_SAFE_INTEGER];
const scores = versions.map((version, n) => scoreOf(player(n), { version, totalScore: 10 - n }));
const board = await buildBoard(redis, scores);
const empty = await buildBoard(redis);

describe('comparing a board', () => {
  test('finds the best with their versions', async () => {
    expect(await findIndexedTop(redis, board, 2)).toEqual({ totalPlayers: 3, scores: scores.slice(0, 2) });
    expect(await findIndexedTop(redis, board, 100)).toEqual({ totalPlayers: 3, scores });
    expect(await findIndexedTop(redis, empty, 100)).toEqual({ totalPlayers: 0, scores: [] });
  });

  test('finds the scores of players in the order asked, with gaps for those it does not have', async () => {
    const asked = [player(2), player(9), player(0)];
    expect(await findIndexedScores(redis, board, asked)).toEqual([scores[2], undefined, scores[0]]);
    expect(await findIndexedScores(redis, board, [])).toEqual([]);
  });

  test('counts players', async () => {
    expect(await countIndexedPlayers(redis, board)).toBe(3);
    expect(await countIndexedPlayers(redis, empty)).toBe(0);
  });

  test('finds nothing on a board that is not ready', async () => {
    const unbuilt = newBoardId();
    expect(await findIndexedTop(redis, unbuilt, 100)).toBeUndefined();
    expect(await findIndexedScores(redis, unbuilt, [player(0)])).toBeUndefined();
    expect(await countIndexedPlayers(redis, unbuilt)).toBeUndefined();
  });
});
