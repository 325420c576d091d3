import type { Queries, Statement } from '../db/index.ts';

const usernamesStatement: Statement = {
  name: 'usernames_of',
  text: `SELECT id AS "userId", username FROM users WHERE id = ANY ($1::uuid[])`,
};

interface UsernameRow {
  readonly userId: string;
  readonly username: string;
}

/** Finds the names of some players; a player who does not exist is missing. */
export async function findUsernames(db: Queries, userIds: readonly string[]): Promise<Map<string, string>> {
  const rows = await db.run<UsernameRow>(usernamesStatement, [userIds]);
  return new Map(rows.map(({ userId, username }) => [userId, username]));
}
