import type { Database } from '../db/index.ts';
import { createLastReached, type LastReached } from './last-reached.ts';
import { type Applied, applyScores, findVerdicts } from './repository.ts';
import type { Outcome, Scored, ScoreUpdate } from './score.ts';

/** Applies updates and tells how each one ended. */
export type ApplyBatch = (updates: readonly ScoreUpdate[], lockTimeoutMs: number) => Promise<Outcome[]>;

/** Makes the function through which one process writes what players score. */
export function createApplyBatch(db: Database, lastReached: LastReached = createLastReached()): ApplyBatch {
  return async (updates, lockTimeoutMs) => {
    const applied = await applyScores(db, updates, { after: lastReached.get(), lockTimeoutMs });
    for (const { scored } of applied) lastReached.raise(scored?.verdict.scoreFirstReachedAt);
    return await toOutcomes(db, updates, applied);
  };
}

async function toOutcomes(db: Database, updates: readonly ScoreUpdate[], applied: readonly Applied[]) {
  const spent = updates.filter((_, index) => isSpentBefore(applied[index]));
  // A fresh snapshot: the winner of a claim may have committed after the first statement took its own.
  const verdicts =
    spent.length === 0 ? new Map<ScoreUpdate, Scored>() : await findVerdicts(db, spent, 'action');
  return updates.map((update, index) => toOutcome(applied[index], verdicts.get(update)));
}

function isSpentBefore(applied: Applied | undefined): boolean {
  return (
    applied !== undefined && applied.userExists && applied.leaderboardExists && applied.scored === undefined
  );
}

function toOutcome(applied: Applied | undefined, first: Scored | undefined): Outcome {
  if (!applied?.userExists) return { kind: 'user_gone' };
  if (!applied.leaderboardExists) return { kind: 'leaderboard_unknown' };
  if (applied.scored !== undefined) return { kind: 'scored', ...applied.scored };
  if (first !== undefined) return { kind: 'replayed', ...first };
  return { kind: 'spent_otherwise' };
}
