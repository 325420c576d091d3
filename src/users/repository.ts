import { and, eq, sql } from 'drizzle-orm';

import type { Database, Queries } from '../db/index.ts';
import { UsersTable } from './tables.ts';
import type { Role, User } from './user.ts';

const userColumns = { id: UsersTable.id, username: UsersTable.username, createdAt: UsersTable.createdAt };

export async function findUser(db: Database, userId: string): Promise<User | undefined> {
  const [user] = await db.orm.select(userColumns).from(UsersTable).where(eq(UsersTable.id, userId));
  return user;
}

/** Finds a user by name, regardless of case. */
export async function findUserByName({ orm }: Queries, username: string): Promise<User | undefined> {
  const [user] = await orm
    .select(userColumns)
    .from(UsersTable)
    .where(eq(sql`lower(${UsersTable.username})`, sql`lower(${username})`));
  return user;
}

/** An account as its owner logs in to it; external accounts have no password. */
export interface Account extends User {
  readonly passwordHash: string | null;
}

const accountColumns = { ...userColumns, passwordHash: UsersTable.passwordHash };

/** Finds an account by name, regardless of case: the database folds both, as its unique index does. */
export async function findAccountByName(db: Database, username: string): Promise<Account | undefined> {
  const [account] = await db.orm
    .select(accountColumns)
    .from(UsersTable)
    .where(eq(sql`lower(${UsersTable.username})`, sql`lower(${username})`));
  return account;
}

export async function findAccount(db: Database, userId: string): Promise<Account | undefined> {
  const [account] = await db.orm.select(accountColumns).from(UsersTable).where(eq(UsersTable.id, userId));
  return account;
}

/** Replaces a password, unless it is no longer the one that was verified; tells whether it did. */
export async function replacePasswordHash(
  { orm }: Queries,
  userId: string,
  { from, to }: { from: string; to: string },
): Promise<boolean> {
  const changed = await orm
    .update(UsersTable)
    .set({ passwordHash: to })
    .where(and(eq(UsersTable.id, userId), eq(UsersTable.passwordHash, from)))
    .returning({ id: UsersTable.id });
  return changed.length === 1;
}

/** Makes the owner of a name an operator. Undefined when nobody has it. */
export async function promoteUser(db: Database, username: string): Promise<User | undefined> {
  const [user] = await db.orm
    .update(UsersTable)
    .set({ role: 'admin' })
    .where(eq(sql`lower(${UsersTable.username})`, sql`lower(${username})`))
    .returning(userColumns);
  return user;
}

/** Makes an operator's account without a session. Undefined when the name is taken. */
export async function insertOperator(
  db: Database,
  account: { id: string; username: string; passwordHash: string },
): Promise<User | undefined> {
  const [user] = await db.orm
    .insert(UsersTable)
    .values({ ...account, role: 'admin' })
    .onConflictDoNothing()
    .returning(userColumns);
  return user;
}

export interface ExternalAccount {
  readonly userId: string;
  readonly role: Role;
}

const externalColumns = { userId: UsersTable.id, role: UsersTable.role };

export async function findExternalAccount(
  db: Database,
  subject: string,
): Promise<ExternalAccount | undefined> {
  const [account] = await db.orm
    .select(externalColumns)
    .from(UsersTable)
    .where(eq(UsersTable.externalSubject, subject));
  return account;
}

/** Undefined when the subject or the name exists by now: the unique indexes decide every race. */
export async function insertExternalAccount(
  { orm }: Queries,
  { id, username, subject }: { id: string; username: string; subject: string },
): Promise<ExternalAccount | undefined> {
  const [account] = await orm
    .insert(UsersTable)
    .values({ id, username, externalSubject: subject })
    .onConflictDoNothing()
    .returning(externalColumns);
  return account;
}

/** An account that is about to go. */
export interface LockedUser {
  readonly id: string;
  /** Who it is to the external identity provider, if that one holds the account. */
  readonly externalSubject: string | null;
}

/** Locks an account until the transaction ends, before any other of its rows, as every writer does. */
export async function lockUser({ orm }: Queries, userId: string): Promise<LockedUser | undefined> {
  const [locked] = await orm
    .select({ id: UsersTable.id, externalSubject: UsersTable.externalSubject })
    .from(UsersTable)
    .where(eq(UsersTable.id, userId))
    .for('update');
  return locked;
}

/** Deletes an account with what cascades from it: scores and sessions. Its score events stay, without a name. */
export async function deleteUser({ orm }: Queries, userId: string): Promise<void> {
  await orm.delete(UsersTable).where(eq(UsersTable.id, userId));
}
