import type { Queries } from '../db/index.ts';
import type { LockedUser } from '../users/index.ts';
import type { Auth } from './auth.ts';
import { hashSubject, refuseExternalSubject } from './external-account.ts';
import { revokeOtherSessions } from './repository.ts';

/**
 * Ends every way in to an account inside the transaction that deletes it: its sessions, and what its external subject
 * may still hold. Call what it returns after the commit: from then on this process refuses them, and others within
 * a second with Redis, five without.
 */
export async function endAccess(
  auth: Auth,
  queries: Queries,
  user: LockedUser,
): Promise<() => Promise<void>> {
  const { id, externalSubject } = user;
  const sessionIds = await revokeOtherSessions(queries, id, undefined);
  if (externalSubject !== null) await refuseExternalSubject(queries, externalSubject);
  return async () => {
    await auth.sessions.revoke(sessionIds);
    if (externalSubject !== null) await auth.externalPlayers.revoke([hashSubject(externalSubject)]);
  };
}
