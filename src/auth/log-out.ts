import { AppError } from '../errors.ts';
import type { Auth } from './auth.ts';
import type { Player } from './caller.ts';
import { revokeSession } from './repository.ts';

/** Ends the caller's session. Throws forbidden for a session that an external identity provider holds. */
export async function logOut(auth: Auth, { sessionId }: Player): Promise<void> {
  if (sessionId === undefined)
    throw new AppError('forbidden', 'log out where you logged in: your identity provider');
  await revokeSession(auth.db, sessionId);
  await auth.sessions.revoke([sessionId]);
}
