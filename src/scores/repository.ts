import type { Database, Instant, Statement } from '../db/index.ts';
import { applyScoresStatement } from './apply-scores-statement.ts';
import type { ScoreChange, Scored, ScoreEvent, ScoreUpdate, Verdict } from './score.ts';

/** What became of a change; without `scored` it scored nothing. */
export interface Applied {
  readonly userExists: boolean;
  readonly leaderboardExists: boolean;
  readonly scored: Scored | undefined;
}

export interface AppliedRow extends ScoredRow {
  readonly userExists: boolean;
  readonly leaderboardExists: boolean;
}

interface ApplyOptions {
  /** First-reached times given out are later than this one. */
  readonly after: Instant;
  readonly lockTimeoutMs: number;
}

/** Applies at most one update for each player, all or none; the results are in the order of the updates. */
export async function applyScores(
  db: Database,
  updates: readonly ScoreUpdate[],
  { after, lockTimeoutMs }: ApplyOptions,
): Promise<Applied[]> {
  const rows = await db.run<AppliedRow>(applyScoresStatement, [
    updates.map((update) => update.leaderboardId),
    updates.map((update) => update.userId),
    updates.map((update) => update.actionId),
    updates.map((update) => update.scoreDelta),
    updates.map((update) => update.maxScore),
    updates.map((update) => update.expiresAt),
    after,
    `${lockTimeoutMs}ms`,
  ]);
  return updates.map((update, index) => toApplied(update, rows[index]));
}

export function toApplied(change: ScoreChange, row: AppliedRow | undefined): Applied {
  if (row === undefined) throw new Error('a score statement returned fewer rows than changes');
  const { userExists, leaderboardExists } = row;
  return { userExists, leaderboardExists, scored: toScored(change, row) };
}

const spentActions: Statement = {
  name: 'spent_actions',
  text: `
    SELECT a.action_id AS "actionId", e.total_after AS "totalScore",
           e.score_first_reached_at AS "scoreFirstReachedAt", e.capped, s.total_score AS "currentTotalScore",
           s.score_first_reached_at AS "currentFirstReachedAt", s.version
    FROM unnest($1::text[], $2::uuid[], $3::text[], $4::bigint[]) AS i (leaderboard_id, user_id, action_id, delta)
    JOIN consumed_actions a ON a.action_id = i.action_id AND a.user_id = i.user_id
      AND a.leaderboard_id = i.leaderboard_id AND a.score_delta = i.delta
    JOIN score_events e ON e.id = a.event_id AND e.kind = $5
    JOIN scores s ON s.user_id = a.user_id AND s.leaderboard_id = a.leaderboard_id`,
};

interface SpentRow extends Standing {
  readonly actionId: string;
  readonly currentTotalScore: number;
  readonly currentFirstReachedAt: Instant;
  readonly version: number;
}

/**
 * Finds the first verdicts of changes that were made before for the same player, on the same leaderboard and with
 * the same delta; a change that is missing from the map was made in another way.
 */
export async function findVerdicts<Change extends ScoreChange>(
  db: Database,
  updates: readonly Change[],
  kind: ScoreEvent['kind'],
): Promise<Map<Change, Scored>> {
  const rows = await db.run<SpentRow>(spentActions, [
    updates.map((update) => update.leaderboardId),
    updates.map((update) => update.userId),
    updates.map((update) => update.actionId),
    updates.map((update) => update.scoreDelta),
    kind,
  ]);
  const standings = new Map(rows.map((row) => [row.actionId, row]));
  const verdicts = new Map<Change, Scored>();
  for (const update of updates) {
    const standing = standings.get(update.actionId);
    if (standing !== undefined) verdicts.set(update, toRepeated(update, standing));
  }
  return verdicts;
}

type Standing = Pick<Verdict, 'totalScore' | 'scoreFirstReachedAt' | 'capped'>;

/** What a statement says of the score that it changed; the total is null when it changed none. */
interface ScoredRow {
  readonly totalScore: number | null;
  readonly scoreFirstReachedAt: Instant;
  readonly capped: boolean;
  readonly version: number;
}

function toScored(change: ScoreChange, row: ScoredRow): Scored | undefined {
  const { totalScore, scoreFirstReachedAt, capped, version } = row;
  if (totalScore === null) return undefined;
  const verdict = toVerdict(change, { totalScore, scoreFirstReachedAt, capped });
  return { verdict, current: { totalScore, scoreFirstReachedAt, version } };
}

function toRepeated(change: ScoreChange, row: SpentRow): Scored {
  const { currentTotalScore: totalScore, currentFirstReachedAt: scoreFirstReachedAt, version } = row;
  return { verdict: toVerdict(change, row), current: { totalScore, scoreFirstReachedAt, version } };
}

function toVerdict(change: ScoreChange, { totalScore, scoreFirstReachedAt, capped }: Standing): Verdict {
  const { leaderboardId, userId, actionId, scoreDelta } = change;
  return { leaderboardId, userId, actionId, scoreDelta, totalScore, scoreFirstReachedAt, capped };
}
