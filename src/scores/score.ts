import type { Instant } from '../db/index.ts';

/** A wish to change a player's score, once for each action id. */
export interface ScoreChange {
  readonly leaderboardId: string;
  readonly userId: string;
  readonly actionId: string;
  readonly scoreDelta: number;
}

/** A verified wish to add to a player's score by spending an action. */
export interface ScoreUpdate extends ScoreChange {
  readonly maxScore: number;
  /** Unix time in seconds at which the action's token expires. */
  readonly expiresAt: number;
}

/** What a change came to. The same for every repetition of the request that made it. */
export interface Verdict {
  readonly leaderboardId: string;
  readonly userId: string;
  readonly actionId: string;
  readonly scoreDelta: number;
  readonly totalScore: number;
  readonly scoreFirstReachedAt: Instant;
  /** Whether the total stopped at MAX_TOTAL_SCORE, or at 0. */
  readonly capped: boolean;
}

/** A player's score as of its `version`, which every change raises. */
interface CurrentScore {
  readonly totalScore: number;
  readonly scoreFirstReachedAt: Instant;
  readonly version: number;
}

/** A change that was made, with the score as it is now: just after it, or some changes later for a repetition. */
export interface Scored {
  readonly verdict: Verdict;
  readonly current: CurrentScore;
}

/** A verdict and what is known beside it. */
export interface RankedVerdict {
  readonly verdict: Verdict;
  /** Just after the change, for a repetition now; null when it is not known. */
  readonly rank: number | null;
  readonly replayed: boolean;
}

/** How one update of a batch ended. */
export type Outcome =
  | ({ readonly kind: 'scored' } & Scored)
  | ({ readonly kind: 'replayed' } & Scored)
  | { readonly kind: 'spent_otherwise' }
  | { readonly kind: 'user_gone' }
  | { readonly kind: 'leaderboard_unknown' };

/** Why a score changed. */
export interface ScoreEvent {
  readonly id: number;
  readonly leaderboardId: string;
  readonly actionId: string | null;
  readonly kind: 'action' | 'adjustment';
  /** What was asked for. */
  readonly scoreDelta: number;
  /** What was really added. */
  readonly appliedDelta: number;
  readonly totalAfter: number;
  /** An operator's reason for an adjustment. */
  readonly reason: string | null;
  readonly createdAt: Instant;
}
