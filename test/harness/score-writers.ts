import { setImmediate as nextTurn } from 'node:timers/promises';

import type { Database } from '../../src/db/index.ts';
import { applyScores } from '../../src/scores/repository.ts';
import { insertPlayers } from './players.ts';
import { retried } from './retried.ts';

export interface ScoreWriters {
  /** How many batches they have written. */
  batches(): number;
  /** Resolves when their last batches are committed; throws what stopped one of them before. */
  stop(): Promise<void>;
}

interface WritersOptions {
  readonly writers: number;
  /** How many players each of them has, who are in all of its batches. */
  readonly players: number;
  readonly leaderboardId?: string;
}

/** Writes batches of scores without a pause, each writer for players of its own. */
export async function startWriters(
  db: Database,
  { writers, players, leaderboardId = 'global' }: WritersOptions,
): Promise<ScoreWriters> {
  let batches = 0;
  const stopping = new AbortController();
  const write = async () => {
    const own = await insertPlayers(db, players);
    while (!stopping.signal.aborted) {
      const updates = own.map(({ userId }) => ({
        leaderboardId,
        userId,
        actionId: crypto.randomUUID(),
        scoreDelta: 1 + Math.floor(Math.random() * 100),
        maxScore: 100,
        expiresAt: 4e9,
      }));
      const options = { after: '1970-01-01T00:00:00.000000Z', lockTimeoutMs: 5000 };
      await retried(async () => await applyScores(db, updates, options));
      batches += 1;
      // The embedded store answers without a turn of the event loop, which nobody else would get.
      await nextTurn();
    }
  };
  const ended = Promise.all(Array.from({ length: writers }, write));
  // Told by stop().
  ended.catch(() => {});
  return {
    batches: () => batches,
    stop: async () => {
      stopping.abort();
      await ended;
    },
  };
}
