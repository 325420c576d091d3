import { v7 as uuidv7 } from 'uuid';

import { AppError } from '../errors.ts';
import { findAccountByName } from '../users/index.ts';
import type { Auth } from './auth.ts';
import { insertAccount } from './repository.ts';
import { issueTokens, newSession, type Tokens } from './tokens.ts';

export interface Credentials {
  readonly username: string;
  readonly password: string;
  readonly userAgent: string | undefined;
}

/** Makes an account and begins its first session. Throws username_taken. */
export async function register(auth: Auth, { username, password, userAgent }: Credentials): Promise<Tokens> {
  // Saves the cost of hashing for a name that is plainly taken; the unique index decides the races.
  if ((await findAccountByName(auth.db, username)) !== undefined) throw usernameTaken(username);
  const passwordHash = await auth.passwords.hash(password);
  const session = newSession(userAgent);
  const user = await insertAccount(auth.db, { id: uuidv7(), username, passwordHash }, session);
  if (user === undefined) throw usernameTaken(username);
  return await issueTokens(auth, user, { sessionId: session.id, generation: 0 });
}

function usernameTaken(username: string): AppError {
  return new AppError('username_taken', `the username ${username} is taken`, {
    details: [{ path: 'username', message: 'is taken' }],
  });
}
