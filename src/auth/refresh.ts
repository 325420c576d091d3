import { AppError } from '../errors.ts';
import type { Auth } from './auth.ts';
import { openRefreshToken } from './refresh-token.ts';
import { revokeReusedSession, rotateSession } from './repository.ts';
import { issueTokens, type Tokens } from './tokens.ts';

/**
 * Trades a refresh token for new tokens, once. A token that was used before ends its session, because one of its two
 * users is not the player (RFC 9700, 4.14.2). Throws refresh_token_reused then, otherwise unauthenticated.
 */
export async function refresh(auth: Auth, refreshToken: string): Promise<Tokens> {
  const claims = openRefreshToken(refreshToken, auth.refreshSecrets);
  if (claims === undefined) throw new AppError('unauthenticated', 'refresh_token is not one of ours');
  const user = await rotateSession(auth.db, claims);
  if (user !== undefined)
    return await issueTokens(auth, user, { ...claims, generation: claims.generation + 1 });

  if (await revokeReusedSession(auth.db, claims)) {
    await auth.sessions.revoke([claims.sessionId]);
    throw new AppError('refresh_token_reused', 'refresh_token was used before: its session has ended');
  }
  throw new AppError('unauthenticated', 'the session has ended: log in again');
}
