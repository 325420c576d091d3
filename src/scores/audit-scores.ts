import { sqlState } from '../db/index.ts';
import { AppError, unavailable } from '../errors.ts';
import { hasLeaderboard } from '../leaderboards/index.ts';
import { type AuditedPage, auditUsersAfter, type Mismatch } from './audit-repository.ts';
import type { Scores } from './submit-score.ts';

export interface Audit {
  readonly players: number;
  /** The first of them, by user id. */
  readonly mismatched: readonly Mismatch[];
}

const MAX_MISMATCHES = 1000;

const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';
const PAGE_SIZE = 1000;
const QUERY_CANCELED = '57014';

/**
 * Proves that every total of a leaderboard is the sum of what its events applied, or lists the players for whom it is
 * not. Reads a page of users at a time, each as of one moment, while scores go on changing; ends when `signal` aborts.
 * Throws leaderboard_not_found.
 */
export async function auditScores(
  { db, audits }: Pick<Scores, 'db' | 'audits'>,
  leaderboardId: string,
  signal: AbortSignal,
): Promise<Audit> {
  if (!(await hasLeaderboard(db, leaderboardId)))
    throw new AppError('leaderboard_not_found', `there is no leaderboard ${leaderboardId}`);
  return await audits(async () => {
    const mismatched: Mismatch[] = [];
    let players = 0;
    let userId: string | null = BEFORE_ALL;
    let limit = PAGE_SIZE;
    while (userId !== null) {
      if (signal.aborted) throw unavailable('nobody waits for the audit any more');
      const page: AuditedPage & PageLimit = await auditPage({ db }, leaderboardId, { userId, limit });
      // Where one page was too heavy others are, and finding out takes the time that a statement has.
      limit = page.limit;
      players += page.players;
      mismatched.push(...page.mismatched.slice(0, MAX_MISMATCHES - mismatched.length));
      userId = page.lastUserId;
    }
    return { players, mismatched };
  });
}

interface PageLimit {
  /** How many users it was allowed to have in the end. */
  readonly limit: number;
}

/** Players with long histories make a page slow: one that runs out of time is tried again with half of its users. */
async function auditPage(
  { db }: Pick<Scores, 'db'>,
  leaderboardId: string,
  { userId, limit }: { userId: string; limit: number },
): Promise<AuditedPage & PageLimit> {
  try {
    return { ...(await auditUsersAfter(db, leaderboardId, { userId, limit })), limit };
  } catch (error) {
    if (sqlState(error) !== QUERY_CANCELED || limit === 1) throw error;
    return await auditPage({ db }, leaderboardId, { userId, limit: Math.ceil(limit / 2) });
  }
}
