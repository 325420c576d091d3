import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { inject } from 'vitest';

import { connectEmbedded, connectPostgres, type Database, migrateEmbedded } from '../../src/db/index.ts';
import { cleanUp } from './cleanup.ts';
import { createDatabase, dropDatabase } from './test-databases.ts';

export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** A migrated database of its own for one file or test; dropped after the file at the latest. */
export async function createTestDatabase(): Promise<TestDatabase> {
  return await create(inject('databases').template);
}

/** A database in which nothing was ever made. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  return await create('template0');
}

async function create(template: string): Promise<TestDatabase> {
  const { adminUrl, prefix } = inject('databases');
  const name = `${prefix}_${randomBytes(4).toString('hex')}_test`;
  const url = await createDatabase(adminUrl, name, template);
  const drop = async () => await dropDatabase(adminUrl, name);
  cleanUp(drop);
  return { url, drop };
}

/** Opens a migrated store of its own, as the service does; closed after the file. */
export async function openTestStore(store: Database['store']): Promise<Database> {
  const db =
    store === 'postgres' ? await openPostgres() : await connectEmbedded(await copyEmbeddedTemplate());
  cleanUp(async () => await db.close());
  return db;
}

async function openPostgres(): Promise<Database> {
  const { url } = await createTestDatabase();
  return connectPostgres({
    url,
    poolSize: 10,
    caFile: process.env['DATABASE_CA_FILE'],
    // Tests that cut connections expect it, and the others see their own statements fail.
    onIdleError: () => {},
  });
}

/** A new directory of the operating system's, removed after the file. */
export function makeTemporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'laurel-test-'));
  cleanUp(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A migrated data directory of its own. Copying one takes a tenth of the three seconds that making one takes. */
export async function copyEmbeddedTemplate(): Promise<string> {
  const template = join(inject('runDirectory'), 'embedded');
  if (!existsSync(template)) await makeEmbeddedTemplate(template);
  const copy = join(makeTemporaryDirectory(), 'data');
  cpSync(template, copy, { recursive: true });
  return copy;
}

/** Two files may make it at once: each makes a whole one, and the first to rename wins. */
async function makeEmbeddedTemplate(template: string): Promise<void> {
  const draft = `${template}.${randomBytes(4).toString('hex')}`;
  const db = await connectEmbedded(draft);
  await migrateEmbedded(db);
  await db.close();
  try {
    renameSync(draft, template);
  } catch (error) {
    if (!existsSync(template)) throw error;
    rmSync(draft, { recursive: true });
  }
}
