import { AppError } from '../errors.ts';
import { promoteUser, type User } from '../users/index.ts';
import type { Auth } from './auth.ts';

/** Makes the account of a name an operator's, which takes effect within five seconds. Throws not_found when there is none. */
export async function promoteAccount({ db }: Pick<Auth, 'db'>, username: string): Promise<User> {
  const user = await promoteUser(db, username);
  if (user === undefined) throw new AppError('not_found', `there is no account ${username}`);
  return user;
}
