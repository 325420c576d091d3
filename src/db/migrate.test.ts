import { readFileSync } from 'node:fs';

import pg from 'pg';
import { describe, expect, test } from 'vitest';

import { createEmptyDatabase, createTestDatabase, openTestStore } from '../../test/harness/database.ts';
import { migrateEmbedded, migratePostgres } from './migrate.ts';

const journal = JSON.parse(readFileSync('drizzle/meta/_journal.json', 'utf8')) as {
  entries: { when: number }[];
};
const everyMigration = journal.entries.map(({ when }) => String(when));

describe('migratePostgres', () => {
  test('runs each migration once when ten start together on a fresh database', async () => {
    const { url } = await createEmptyDatabase();
    await Promise.all(
      Array.from({ length: 10 }, async () => await migratePostgres({ url, caFile: undefined })),
    );
    expect(await appliedTo(url)).toEqual(everyMigration);
  });

  test('changes nothing the second time', async () => {
    const { url } = await createTestDatabase();
    await migratePostgres({ url, caFile: undefined });
    expect(await appliedTo(url)).toEqual(everyMigration);
  });

  test('leaves nothing behind of a process that died in the middle', async () => {
    const { url } = await createEmptyDatabase();
    await withClient(url, async (client) => {
      await client.query('CREATE TABLE scores (in_the_way int)');
      await expect(migratePostgres({ url, caFile: undefined })).rejects.toThrow('CREATE TABLE "scores"');
      await client.query('DROP TABLE scores');
    });
    await migratePostgres({ url, caFile: undefined });
    expect(await appliedTo(url)).toEqual(everyMigration);
  });

  test('rejects when nothing listens', async () => {
    await expect(
      migratePostgres({ url: 'postgres://127.0.0.1:1/laurel_test', caFile: undefined }),
    ).rejects.toThrow('ECONNREFUSED');
  });
});

test('migrateEmbedded changes nothing the second time', async () => {
  const db = await openTestStore('embedded');
  await migrateEmbedded(db);
  const text = 'SELECT created_at::text FROM drizzle.__drizzle_migrations ORDER BY id';
  const rows = await db.run<{ created_at: string }>({ name: 'applied', text }, []);
  expect(rows.map((row) => row.created_at)).toEqual(everyMigration);
});

async function appliedTo(url: string): Promise<string[]> {
  return await withClient(url, async (client) => {
    const { rows } = await client.query<{ created_at: string }>(
      'SELECT created_at::text FROM drizzle.__drizzle_migrations ORDER BY id',
    );
    return rows.map((row) => row.created_at);
  });
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
