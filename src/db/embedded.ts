import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { PGlite, type Transaction } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';

import { DataDirectoryError, inDataDirectory } from './data-directory.ts';
import type { Database, Queries, Statement } from './database.ts';
import { parsers } from './types.ts';

/**
 * Opens the PostgreSQL that runs inside this process, stored under `dataDir`, or in memory without one.
 * Throws a DataDirectoryError when another process holds the directory, another major version made it, or it cannot be
 * written.
 */
export async function connectEmbedded(dataDir?: string): Promise<Database> {
  if (dataDir === undefined) return toDatabase(await PGlite.create({ parsers }));
  inDataDirectory(dataDir, () => mkdirSync(dataDir, { recursive: true, mode: 0o700 }));
  const unlock = await lockDirectory(dataDir);
  try {
    return toDatabase(await openCluster(dataDir), unlock);
  } catch (error) {
    unlock();
    throw error;
  }
}

function toDatabase(pglite: PGlite, afterClose = () => {}): Database {
  return {
    store: 'embedded',
    ...queriesOn(pglite),
    // PGlite has a line of its own, and does not tell how long it is.
    countWaiting: () => 0,
    transaction: async (work) =>
      await pglite.transaction(async (transaction) => await work(queriesOn(transaction))),
    close: async () => {
      await pglite.close();
      afterClose();
    },
  };
}

function queriesOn(client: PGlite | Transaction): Queries {
  return {
    // Drizzle asks for a whole PGlite and calls its query(), which a transaction has too.
    orm: drizzle(client as PGlite),
    run: async <Row>(statement: Statement, values: readonly unknown[]) => {
      const { rows } = await client.query<Row>(statement.text, [...values]);
      return rows;
    },
  };
}

/** The kernel drops the lock with the process, however it ends, so none is ever left behind. */
async function lockDirectory(dataDir: string): Promise<() => void> {
  // Loaded when needed: a service on a PostgreSQL server runs where there is no build of it, too.
  const { tryLock } = await import('fs-native-extensions');
  const descriptor = inDataDirectory(dataDir, () => openSync(join(dataDir, 'lock'), 'a+', 0o600));
  if (tryLock(descriptor)) return () => closeSync(descriptor);
  closeSync(descriptor);
  throw new DataDirectoryError(
    `${dataDir} is in use by another Laurel process: stop that one, choose another DATA_DIR, or set DATABASE_URL to share one PostgreSQL`,
  );
}

/** Which PGlite made a cluster; a file of the cluster's own directory, so that a copy or a backup has it too. */
const FORMAT_FILE = 'laurel.format';

async function openCluster(dataDir: string): Promise<PGlite> {
  const cluster = join(dataDir, 'postgres');
  const format = `pglite ${pgliteMajor()}\n`;
  if (!existsSync(cluster)) await makeCluster(cluster, format);
  assertFormat(dataDir, readFormat(join(cluster, FORMAT_FILE)), format);
  return await PGlite.create(cluster, { parsers });
}

/** Made beside its place and then renamed, so that a cluster is there whole or not at all. */
async function makeCluster(cluster: string, format: string): Promise<void> {
  const draft = `${cluster}.new`;
  rmSync(draft, { recursive: true, force: true });
  const pglite = await PGlite.create(draft);
  await pglite.close();
  writeFileSync(join(draft, FORMAT_FILE), format);
  renameSync(draft, cluster);
}

function readFormat(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : 'something that left no laurel.format';
}

function assertFormat(dataDir: string, found: string, expected: string): void {
  if (found === expected) return;
  throw new DataDirectoryError(
    `${dataDir} was made by ${found.trim()}, and this is ${expected.trim()}: start the version that made it, or choose another DATA_DIR`,
  );
}

/** Below 1.0 the minor version is the breaking one: 0.5.16 counts as 0.5. */
function pgliteMajor(): string {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  const { version } = JSON.parse(readFileSync(join(dirname(entry), '..', 'package.json'), 'utf8')) as {
    version: string;
  };
  const [major = '', minor = ''] = version.split('.');
  return major === '0' ? `0.${minor}` : major;
}
