import type { Database } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { findUser } from './repository.ts';
import type { User } from './user.ts';

/** Throws unauthenticated when the account was deleted while its session was still remembered. */
export async function getProfile(db: Database, userId: string): Promise<User> {
  const user = await findUser(db, userId);
  if (user === undefined) throw new AppError('unauthenticated', 'the account no longer exists');
  return user;
}
