import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { TestProject } from 'vitest/node';

import { writeDocument } from '../contract/document.ts';
import { publishDocument } from '../contract/publish-document.ts';
import { buildService } from './build-service.ts';
import { type PostgresServer, startPostgresServer } from './postgres-server.ts';
import { type RedisServer, startRedisServer } from './redis-server.ts';
import { createTemplate, dropAll, type TestDatabases } from './test-databases.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    databases: TestDatabases;
    /** The server on which files take databases of their own. */
    redis: { readonly url: string };
    /** A directory for what the files of one run share; removed at its end. */
    runDirectory: string;
    /** Whether every test runs that there is. */
    isWholeRun: boolean;
  }
}

/** Before the first test: a PostgreSQL server with a migrated template, a Redis server, and the built service. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  await buildService();
  const given = process.env['TEST_DATABASE_URL'];
  const server = given ? undefined : await startPostgresServer();
  const givenRedis = process.env['TEST_REDIS_URL'];
  const redis = givenRedis ? undefined : await startRedisServer();
  announce(server, redis);
  const adminUrl = given || (server?.url('postgres') ?? '');
  const databases = await createTemplate(adminUrl, `laurel_${randomBytes(4).toString('hex')}`);
  const runDirectory = mkdtempSync(join(tmpdir(), 'laurel-run-'));
  writeDocument(runDirectory, await publishDocument());
  project.provide('isWholeRun', await isWholeRun(project));
  project.provide('databases', databases);
  project.provide('redis', { url: givenRedis || (redis?.url ?? '') });
  project.provide('runDirectory', runDirectory);

  return async () => {
    rmSync(runDirectory, { recursive: true, force: true });
    await redis?.remove();
    await (server === undefined ? dropAll(databases) : server.remove());
  };
}

/** Faults and the browser exercise what the tests do; alone they are not the whole. */
async function isWholeRun({ vitest }: TestProject): Promise<boolean> {
  if (!vitest.projects.some(({ name }) => name === 'tests')) return false;
  const all = await vitest.globTestSpecifications();
  return vitest.getGlobalTestNamePattern() === undefined && vitest.state.getPaths().length === all.length;
}

function announce(server: PostgresServer | undefined, redis: RedisServer | undefined): void {
  process.stdout.write(
    `PostgreSQL for the tests: ${server?.description ?? 'the one at TEST_DATABASE_URL'}\n` +
      `Redis for the tests: ${redis?.description ?? 'the one at TEST_REDIS_URL'}\n`,
  );
}
