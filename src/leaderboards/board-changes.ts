import type { Instant } from '../db/index.ts';

/** A committed change of a leaderboard, as far as it decides who sees it, and where. */
export interface BoardChange {
  readonly leaderboardId: string;
  /** Whose score it was; without a player any may have changed, as when the index was built anew. */
  readonly userId?: string;
  /** As it is now; without one the player is gone. */
  readonly score?: ReachedScore;
}

interface ReachedScore {
  readonly totalScore: number;
  readonly scoreFirstReachedAt: Instant;
}

type Listener = (change: BoardChange) => void;

/** Where features that change leaderboards tell of it, once it is committed and the index was told. */
export interface BoardChanges {
  announce(change: BoardChange): void;
  /** Tells of every change from now on, until the returned function is called. Listeners neither throw nor block. */
  onChange(listener: Listener): () => void;
}

export function createBoardChanges(): BoardChanges {
  const listeners = new Set<Listener>();
  return {
    announce: (change) => {
      for (const listener of listeners) listener(change);
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
