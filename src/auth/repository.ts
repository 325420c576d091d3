import { and, eq, isNull, ne, sql } from 'drizzle-orm';

import type { Database, Queries, Statement } from '../db/index.ts';
import type { Role, User } from '../users/index.ts';
import type { RefreshClaims } from './refresh-token.ts';
import { SessionsTable } from './tables.ts';

/** A session lives this long after its last refresh. */
const SESSION_DAYS = 30;

export interface NewSession {
  readonly id: string;
  readonly userAgent: string | undefined;
}

const insertAccountStatement: Statement = {
  name: 'insert_account',
  text: `
    WITH account AS (
      INSERT INTO users (id, username, password_hash) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
      RETURNING id, username, created_at
    ), session AS (
      INSERT INTO sessions (id, user_id, user_agent, expires_at)
      SELECT $4, id, $5, now() + interval '${SESSION_DAYS} days' FROM account
    )
    SELECT id, username, created_at AS "createdAt" FROM account`,
};

/** Makes an account with its first session, or neither: undefined when the name is taken. */
export async function insertAccount(
  db: Database,
  account: { id: string; username: string; passwordHash: string },
  session: NewSession,
): Promise<User | undefined> {
  const { id, username, passwordHash } = account;
  const values = [id, username, passwordHash, session.id, session.userAgent ?? null];
  const [user] = await db.run<User>(insertAccountStatement, values);
  return user;
}

const insertSessionStatement: Statement = {
  name: 'insert_session',
  text: `
    INSERT INTO sessions (id, user_id, user_agent, expires_at)
    SELECT $1, id, $2, now() + interval '${SESSION_DAYS} days'
    FROM (SELECT id FROM users WHERE id = $3 AND password_hash = $4 FOR SHARE) AS owner
    RETURNING id`,
};

/**
 * Begins a session, unless the password that was verified is no longer the account's. The lock orders it against a
 * change of the password, which ends every session that it can see.
 */
export async function insertSession(
  db: Database,
  { userId, passwordHash }: { userId: string; passwordHash: string },
  session: NewSession,
): Promise<boolean> {
  const values = [session.id, session.userAgent ?? null, userId, passwordHash];
  return (await db.run(insertSessionStatement, values)).length === 1;
}

const rotateStatement: Statement = {
  name: 'rotate_session',
  text: `
    UPDATE sessions s SET generation = s.generation + 1, expires_at = now() + interval '${SESSION_DAYS} days'
    FROM users u
    WHERE s.id = $1 AND s.generation = $2 AND s.revoked_at IS NULL AND s.expires_at > now() AND u.id = s.user_id
    RETURNING u.id, u.username, u.created_at AS "createdAt"`,
};

/** Begins the next generation; of several calls with one generation a single one gets the session's user. */
export async function rotateSession(
  db: Database,
  { sessionId, generation }: RefreshClaims,
): Promise<User | undefined> {
  const [user] = await db.run<User>(rotateStatement, [sessionId, generation]);
  return user;
}

const revokeReusedStatement: Statement = {
  name: 'revoke_reused_session',
  text: `
    UPDATE sessions SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1 AND generation > $2 RETURNING id`,
};

/** Ends a session that has gone past this generation; tells whether there was one. */
export async function revokeReusedSession(
  db: Database,
  { sessionId, generation }: RefreshClaims,
): Promise<boolean> {
  return (await db.run(revokeReusedStatement, [sessionId, generation])).length === 1;
}

export async function revokeSession(db: Database, sessionId: string): Promise<void> {
  await db.orm
    .update(SessionsTable)
    .set({ revokedAt: sql`now()` })
    .where(and(eq(SessionsTable.id, sessionId), isNull(SessionsTable.revokedAt)));
}

/** Ends every session of a user but one; returns their ids. */
export async function revokeOtherSessions(
  { orm }: Queries,
  userId: string,
  keep: string | undefined,
): Promise<string[]> {
  const others = keep === undefined ? undefined : ne(SessionsTable.id, keep);
  const revoked = await orm
    .update(SessionsTable)
    .set({ revokedAt: sql`now()` })
    .where(and(eq(SessionsTable.userId, userId), isNull(SessionsTable.revokedAt), others))
    .returning({ id: SessionsTable.id });
  return revoked.map(({ id }) => id);
}

const liveSessionsStatement: Statement = {
  name: 'live_sessions',
  text: `
    SELECT s.id AS "sessionId", s.user_id AS "userId", u.role FROM sessions s JOIN users u ON u.id = s.user_id
    WHERE s.id = ANY ($1::uuid[]) AND s.revoked_at IS NULL AND s.expires_at > now()`,
};

export interface LiveSession {
  readonly sessionId: string;
  readonly userId: string;
  readonly role: Role;
}

/** Finds those of some sessions that may be used now, by their ids. */
export async function findLiveSessions(
  db: Database,
  sessionIds: readonly string[],
): Promise<Map<string, LiveSession>> {
  const rows = await db.run<LiveSession>(liveSessionsStatement, [sessionIds]);
  return new Map(rows.map((session) => [session.sessionId, session]));
}

const deleteExpiredStatement: Statement = {
  name: 'delete_expired_sessions',
  text: `
    DELETE FROM sessions WHERE id = ANY (ARRAY(
      SELECT id FROM sessions WHERE expires_at < now() ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
    )) RETURNING 1`,
};

/** Deletes up to `limit` sessions whose time is over; returns how many. */
export async function deleteExpiredSessions(db: Database, limit: number): Promise<number> {
  return (await db.run(deleteExpiredStatement, [limit])).length;
}
