import { v7 as uuidv7 } from 'uuid';

import type { User } from '../users/index.ts';
import type { Auth } from './auth.ts';
import type { NewSession } from './repository.ts';
import { type RefreshClaims, signRefreshToken } from './refresh-token.ts';

/** What a player's client gets to prove its session with. */
export interface Tokens {
  readonly user: User;
  readonly accessToken: string;
  readonly refreshToken: string;
}

export async function issueTokens(auth: Auth, user: User, session: RefreshClaims): Promise<Tokens> {
  const { sessionId } = session;
  const accessToken = await auth.accessTokens.sign({ userId: user.id, sessionId });
  const [signingSecret = ''] = auth.refreshSecrets;
  return { user, accessToken, refreshToken: signRefreshToken(session, signingSecret) };
}

const MAX_USER_AGENT_LENGTH = 256;

/** Names a session after the client's software; what PostgreSQL's text cannot hold is left out. */
export function newSession(userAgent: string | undefined): NewSession {
  return { id: uuidv7(), userAgent: userAgent?.replaceAll('\0', '').slice(0, MAX_USER_AGENT_LENGTH) };
}
