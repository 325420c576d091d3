import { v7 as uuidv7 } from 'uuid';

import { insertOperator, promoteUser, type User } from '../users/index.ts';
import type { Auth } from './auth.ts';

interface MadeOperator {
  readonly user: User;
  readonly created: boolean;
}

/**
 * Makes the account of a name an operator's, which takes effect within five seconds; makes one with `password` when there is
 * none. The password of an account that exists is left alone.
 */
export async function makeOperator(
  { db, passwords }: Pick<Auth, 'db' | 'passwords'>,
  { username, password }: { username: string; password: string },
): Promise<MadeOperator> {
  const promoted = await promoteUser(db, username);
  if (promoted !== undefined) return { user: promoted, created: false };
  const passwordHash = await passwords.hash(password);
  const created = await insertOperator(db, { id: uuidv7(), username, passwordHash });
  // Somebody took the name meanwhile.
  return created === undefined
    ? await makeOperator({ db, passwords }, { username, password })
    : { user: created, created: true };
}
