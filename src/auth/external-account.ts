import { createHash } from 'node:crypto';

import { v7 as uuidv7 } from 'uuid';

import type { Database, Queries } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { type ExternalAccount, findExternalAccount, insertExternalAccount } from '../users/index.ts';
import type { Auth } from './auth.ts';
import { isSubjectRefused, refuseSubject } from './refused-subject-repository.ts';

const MAX_ATTEMPTS = 5;

/**
 * The row is made on first sight. Another request may make it first, and somebody may have the name: try again.
 * Throws unauthenticated for a subject whose account was deleted within a day.
 */
export async function findOrMakeExternalAccount(
  { db }: Pick<Auth, 'db'>,
  subject: string,
): Promise<ExternalAccount> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const account = (await findExternalAccount(db, subject)) ?? (await makeExternalAccount(db, subject));
    if (account !== undefined) return account;
  }
  throw new Error('no free name was found for an external account');
}

async function makeExternalAccount(db: Database, subject: string): Promise<ExternalAccount | undefined> {
  return await db.transaction(async (queries) => {
    const id = uuidv7();
    // The last eight digits: the first ones of a UUIDv7 are the same for everybody of the same minute.
    const account = { id, username: `player-${id.slice(-8)}`, subject };
    const made = await insertExternalAccount(queries, account);
    // Looked up after the insert, which waits for a deletion under way: only then is its refusal seen.
    if (made !== undefined && (await isSubjectRefused(queries, hashSubject(subject))))
      throw new AppError('unauthenticated', 'the account was deleted, and cannot be made anew for 24 hours');
    return made;
  });
}

/** Keeps an access token that is still valid from making a deleted account anew. */
export async function refuseExternalSubject(queries: Queries, subject: string): Promise<void> {
  await refuseSubject(queries, hashSubject(subject));
}

/** As it is kept outside of the account: of one size, and not the subject itself. */
export function hashSubject(subject: string): string {
  return createHash('sha256').update(subject).digest('hex');
}
