import { SignJWT } from 'jose';
import { v7 as uuidv7 } from 'uuid';

import { signActionToken } from '../../src/actions/index.ts';
import type { Database, Statement } from '../../src/db/index.ts';
import { testSecrets } from './test-config.ts';

/** A player with an access token, made without the cost of hashing a password. */
export interface InsertedPlayer {
  readonly userId: string;
  readonly accessToken: string;
}

const insert: Statement = {
  name: 'test_insert_players',
  text: `
    WITH input AS (SELECT * FROM unnest($1::uuid[], $2::uuid[]) AS t (user_id, session_id)),
    players AS (INSERT INTO users (id, username) SELECT user_id, 'p-' || user_id FROM input)
    INSERT INTO sessions (id, user_id, expires_at) SELECT session_id, user_id, now() + interval '1 day' FROM input`,
};

/** Writes users and sessions by SQL and signs their access tokens, valid for an hour. */
export async function insertPlayers(db: Database, count: number): Promise<InsertedPlayer[]> {
  const ids = Array.from({ length: count }, () => ({ userId: uuidv7(), sessionId: uuidv7() }));
  // The foreign key of sessions is checked at the end of the statement, when the users are there.
  await db.run(insert, [ids.map(({ userId }) => userId), ids.map(({ sessionId }) => sessionId)]);
  return await Promise.all(
    ids.map(async ({ userId, sessionId }) => ({
      userId,
      accessToken: await signAccessToken(userId, sessionId),
    })),
  );
}

async function signAccessToken(userId: string, sessionId: string): Promise<string> {
  return await new SignJWT({ sid: sessionId })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(userId)
    .setIssuer('laurel')
    .setAudience('laurel')
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(testSecrets.JWT_SECRET));
}

/** A token for a new action of the player, worth up to `maxScore`, as the service itself would sign it. */
export function signTestAction(
  userId: string,
  { maxScore = 100, leaderboardId = 'global', actionId = uuidv7() } = {},
): string {
  const expiresAt = Math.ceil(Date.now() / 1000) + 300;
  return signActionToken(
    { actionId, userId, maxScore, expiresAt, leaderboardId },
    testSecrets.ACTION_TOKEN_SECRET,
  );
}
