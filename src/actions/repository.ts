import type { Database, Statement } from '../db/index.ts';

const facts: Statement = {
  name: 'action_facts',
  text: `
    SELECT EXISTS (SELECT FROM users WHERE id = $1) AS "userExists",
           EXISTS (SELECT FROM leaderboards WHERE id = $2) AS "leaderboardExists",
           EXISTS (SELECT FROM consumed_actions WHERE action_id = $3) AS "spent"`,
};

export interface ActionFacts {
  readonly userExists: boolean;
  readonly leaderboardExists: boolean;
  readonly spent: boolean;
}

/** What has to be known before an action may be registered, as of one moment. */
export async function getActionFacts(
  db: Database,
  action: { userId: string; leaderboardId: string; actionId: string },
): Promise<ActionFacts> {
  const [row] = await db.run<ActionFacts>(facts, [action.userId, action.leaderboardId, action.actionId]);
  if (row === undefined) throw new Error('a select without FROM returned no row');
  return row;
}

const purge: Statement = {
  name: 'purge_consumed_actions',
  text: `
    DELETE FROM consumed_actions WHERE action_id = ANY (ARRAY(
      SELECT action_id FROM consumed_actions
      WHERE expires_at < now() - make_interval(secs => $1)
      ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED
    )) RETURNING 1`,
};

/** Deletes up to `limit` actions whose tokens expired over `retentionSeconds` ago; returns how many. */
export async function deleteExpiredActions(
  db: Database,
  { retentionSeconds, limit }: { retentionSeconds: number; limit: number },
): Promise<number> {
  return (await db.run(purge, [retentionSeconds, limit])).length;
}
