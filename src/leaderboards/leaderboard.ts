import { z } from 'zod';

import type { Instant } from '../db/index.ts';

/** The leaderboard that always exists; a migration makes it. */
export const GLOBAL_LEADERBOARD = 'global';

/** The greatest total, 2^53 - 1: exact in JSON, in a double and in a bigint (EDGE-005). */
export const MAX_TOTAL_SCORE = Number.MAX_SAFE_INTEGER;

export const LeaderboardId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'must have 1 to 64 characters of a-z 0-9 -, and not begin with -')
  .meta({ examples: [GLOBAL_LEADERBOARD] });

export const LeaderboardTitle = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must have no control characters');

export interface Leaderboard {
  readonly id: string;
  readonly title: string;
  readonly createdAt: Instant;
}

/** A player's place. Ranks count from 1 and no two players share one. */
export interface Entry {
  readonly rank: number;
  readonly userId: string;
  readonly username: string;
  readonly totalScore: number;
  readonly scoreFirstReachedAt: Instant;
}

/** Which store answered; both give the same. */
type Source = 'redis' | 'postgres';

export interface Page {
  readonly leaderboardId: string;
  readonly totalPlayers: number;
  readonly entries: readonly Entry[];
  readonly source: Source;
  /** When it was read, in milliseconds since 1970 by the clock of its source. */
  readonly readAt: number;
}

export interface Position {
  readonly leaderboardId: string;
  readonly totalPlayers: number;
  readonly entry: Entry;
  /** The player with the neighbours on both sides, in rank order. */
  readonly around: readonly Entry[];
  readonly source: Source;
}
