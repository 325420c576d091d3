import pg from 'pg';

import { migratePostgres } from '../../src/db/index.ts';

/** Where the tests of a run find their server, and the migrated database that they clone. */
export interface TestDatabases {
  readonly adminUrl: string;
  /** Every database of the run begins with this. */
  readonly prefix: string;
  readonly template: string;
}

/** Makes the template; `prefix` sets the run apart from others on the same server. */
export async function createTemplate(adminUrl: string, prefix: string): Promise<TestDatabases> {
  const template = `${prefix}_template_test`;
  await createDatabase(adminUrl, template);
  await migratePostgres({ url: databaseUrl(adminUrl, template), caFile: process.env['DATABASE_CA_FILE'] });
  return { adminUrl, prefix, template };
}

/** Creates an empty database, or a copy of `template`, and returns its URL. */
export async function createDatabase(
  adminUrl: string,
  name: string,
  template = 'template0',
): Promise<string> {
  await withAdmin(adminUrl, async (admin) => {
    await admin.query(`CREATE DATABASE ${quoted(name)} TEMPLATE ${pg.escapeIdentifier(template)}`);
  });
  return databaseUrl(adminUrl, name);
}

/** Drops a database, whoever is still connected. */
export async function dropDatabase(adminUrl: string, name: string): Promise<void> {
  await withAdmin(adminUrl, async (admin) => {
    await admin.query(`DROP DATABASE IF EXISTS ${quoted(name)} WITH (FORCE)`);
  });
}

/** Drops what the run left: its template, and the clones of tests that were cut off. */
export async function dropAll({ adminUrl, prefix }: TestDatabases): Promise<void> {
  await withAdmin(adminUrl, async (admin) => {
    const { rows } = await admin.query<{ datname: string }>(
      'SELECT datname FROM pg_database WHERE starts_with(datname, $1)',
      [`${prefix}_`],
    );
    for (const { datname } of rows) await admin.query(`DROP DATABASE ${quoted(datname)} WITH (FORCE)`);
  });
}

function databaseUrl(adminUrl: string, name: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return url.href;
}

/** The one place where a name enters a statement that creates or drops: no other database can be touched. */
function quoted(name: string): string {
  if (!name.endsWith('_test'))
    throw new Error(`${name} is not a test database: its name does not end in _test`);
  return pg.escapeIdentifier(name);
}

async function withAdmin(adminUrl: string, work: (admin: pg.Client) => Promise<void>): Promise<void> {
  const admin = new pg.Client(adminUrl);
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.end();
  }
}
