import { AppError } from '../errors.ts';
import { findAccount, replacePasswordHash } from '../users/index.ts';
import type { Auth } from './auth.ts';
import type { Player } from './caller.ts';
import { revokeOtherSessions } from './repository.ts';

interface PasswordChange {
  readonly currentPassword: string;
  readonly newPassword: string;
}

/**
 * Changes the caller's password and ends every other session. Throws invalid_credentials when the current one is
 * wrong, or was changed meanwhile; forbidden for an account without a password.
 */
export async function changePassword(auth: Auth, player: Player, change: PasswordChange): Promise<void> {
  const account = await findAccount(auth.db, player.userId);
  const from = account?.passwordHash;
  if (account !== undefined && typeof from !== 'string') {
    throw new AppError('forbidden', 'this account has no password: its identity provider keeps it');
  }
  if (typeof from !== 'string' || !(await auth.passwords.verify(from, change.currentPassword)))
    throw wrongPassword();

  const to = await auth.passwords.hash(change.newPassword);
  const ended = await auth.db.transaction(async (queries) => {
    // Waits for log-ins that verified the old password; the next statement then sees their sessions.
    const replaced = await replacePasswordHash(queries, player.userId, { from, to });
    return replaced ? await revokeOtherSessions(queries, player.userId, player.sessionId) : undefined;
  });
  if (ended === undefined) throw wrongPassword();
  await auth.sessions.revoke(ended);
}

function wrongPassword(): AppError {
  return new AppError('invalid_credentials', 'current_password is wrong');
}
