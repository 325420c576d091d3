import { AppError } from '../errors.ts';
import { findAccountByName } from '../users/index.ts';
import type { Auth } from './auth.ts';
import type { Credentials } from './register.ts';
import { insertSession } from './repository.ts';
import { issueTokens, newSession, type Tokens } from './tokens.ts';

/**
 * Begins a session. Throws invalid_credentials, in the same time and words, for an unknown name, a wrong password
 * and an account without one.
 */
export async function logIn(auth: Auth, { username, password, userAgent }: Credentials): Promise<Tokens> {
  const account = await findAccountByName(auth.db, username);
  const matches = await auth.passwords.verify(account?.passwordHash, password);
  if (!matches || typeof account?.passwordHash !== 'string') throw invalidCredentials();

  const session = newSession(userAgent);
  const owner = { userId: account.id, passwordHash: account.passwordHash };
  if (!(await insertSession(auth.db, owner, session))) throw invalidCredentials();
  return await issueTokens(auth, account, { sessionId: session.id, generation: 0 });
}

function invalidCredentials(): AppError {
  return new AppError('invalid_credentials', 'the username or the password is wrong');
}
