import { expect } from 'vitest';

import type { Database, Statement } from '../../src/db/index.ts';
import type { VerdictBody } from './play.ts';
import type { InsertedPlayer } from './players.ts';

const events: Statement = {
  name: 'test_books_events',
  text: `
    SELECT action_id, user_id, score_delta, total_after AS total_score
    FROM score_events WHERE user_id = ANY ($1::uuid[])`,
};

const unbalanced: Statement = {
  name: 'test_books_unbalanced',
  text: `
    SELECT user_id, s.total_score, e.applied, e.events, s.version FROM scores s
    FULL JOIN (SELECT user_id, leaderboard_id, sum(applied_delta) AS applied, count(*) AS events
               FROM score_events GROUP BY user_id, leaderboard_id) e USING (user_id, leaderboard_id)
    WHERE s.total_score IS DISTINCT FROM e.applied OR s.version IS DISTINCT FROM e.events`,
};

/** What score_counts says beside what counting says, where they differ. */
export const histogramDrift: Statement = {
  name: 'test_histogram_drift',
  text: `
    WITH counted AS (
      SELECT s.leaderboard_id, l.rank_bounds[width_bucket(
          total_score * 1e17 - extract(epoch FROM score_first_reached_at) * 1e6, l.rank_bounds)] AS lower,
        count(*) AS players
      FROM scores s JOIN leaderboards l ON l.id = s.leaderboard_id GROUP BY 1, 2
    ), kept AS (
      SELECT leaderboard_id, lower, sum(players) AS players FROM score_counts GROUP BY 1, 2 HAVING sum(players) <> 0
    )
    SELECT leaderboard_id, lower, counted.players AS counted, kept.players AS kept
    FROM counted FULL JOIN kept USING (leaderboard_id, lower)
    WHERE counted.players IS DISTINCT FROM kept.players`,
};

type Entry = Pick<VerdictBody, 'action_id' | 'user_id' | 'score_delta' | 'total_score'>;

/**
 * Asserts that the database holds the verdicts that these players were told, each once, and nothing else of theirs,
 * that all totals are the sums of their events, and that the histogram is what counting says.
 */
export async function assertBooks(
  db: Database,
  players: readonly InsertedPlayer[],
  verdicts: readonly VerdictBody[],
): Promise<void> {
  const kept = (await db.run<Entry>(events, [players.map(({ userId }) => userId)])).map(toLine);
  const told = verdicts.map(toLine);
  expect({ lost: without(told, kept), invented: without(kept, told) }).toEqual({ lost: [], invented: [] });
  expect(kept).toHaveLength(told.length);
  expect(await db.run(unbalanced, [])).toEqual([]);
  expect(await db.run(histogramDrift, [])).toEqual([]);
}

function toLine({ action_id, user_id, score_delta, total_score }: Entry): string {
  return `${user_id} ${action_id} +${score_delta} = ${total_score}`;
}

function without(lines: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others);
  return lines.filter((line) => !known.has(line));
}
