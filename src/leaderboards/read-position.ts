import { AppError } from '../errors.ts';
import type { Position } from './leaderboard.ts';
import { leaderboardNotFound } from './read-page.ts';
import { type Leaderboards, type Read, readNewest, readRecent } from './read.ts';
import { findStanding, type Standing } from './repository.ts';

interface PositionInput {
  readonly leaderboardId: string;
  readonly userId: string;
  readonly around: number;
}

/**
 * Reads a player's place as of 2 s ago or later, with up to `around` neighbours on each side.
 * Throws leaderboard_not_found, not_found for an unknown user, not_ranked for one without a score there.
 */
export async function readPosition(leaderboards: Leaderboards, input: PositionInput): Promise<Position> {
  return await readFrom(leaderboards, input, readRecent);
}

/** Reads the caller's own place, which holds every update that this process acknowledged. Throws as readPosition does. */
export async function readOwnPosition(leaderboards: Leaderboards, input: PositionInput): Promise<Position> {
  return await readFrom(leaderboards, input, readNewest);
}

/** A player whom the index does not have may have no score, or no account: PostgreSQL tells. */
async function readFrom(
  leaderboards: Leaderboards,
  input: PositionInput,
  readPostgres: typeof readRecent,
): Promise<Position> {
  const { leaderboardId, userId } = input;
  const ranked = await leaderboards.rankings?.findPosition(leaderboardId, input);
  const entry = ranked?.entries.find((candidate) => candidate.userId === userId);
  if (ranked !== undefined && entry !== undefined) {
    return {
      leaderboardId,
      totalPlayers: ranked.totalPlayers,
      entry,
      around: ranked.entries,
      source: 'redis',
    };
  }
  return toPosition(input, await readPostgres(leaderboards, standing(input)));
}

function standing({ leaderboardId, userId, around }: PositionInput): Read<Standing> {
  return {
    key: `position ${leaderboardId} ${userId} ${around}`,
    query: async (db) => await findStanding(db, leaderboardId, { userId, around }),
    isFound: ({ entries }) => entries.length > 0,
  };
}

function toPosition({ leaderboardId, userId }: PositionInput, found: Standing): Position {
  const { leaderboardExists, userExists, totalPlayers, entries } = found;
  if (!leaderboardExists) throw leaderboardNotFound(leaderboardId);
  if (!userExists) throw new AppError('not_found', `there is no user ${userId}`);
  const entry = entries.find((candidate) => candidate.userId === userId);
  if (entry === undefined) throw new AppError('not_ranked', `the player has no score on ${leaderboardId}`);
  return { leaderboardId, totalPlayers, entry, around: entries, source: 'postgres' };
}
