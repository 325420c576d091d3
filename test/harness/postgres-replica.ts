import { type PostgresServer, startPostgresServer } from './postgres-server.ts';

/**
 * Starts a streaming replica of a private server, which restarts for it. A copy of a stopped server's files needs
 * nothing but the binaries that every PostgreSQL has, unlike pg_basebackup.
 */
export async function startReplica(primary: PostgresServer): Promise<PostgresServer> {
  await primary.stop();
  const replica = await startPostgresServer({ replicaOf: primary });
  await primary.start();
  return replica;
}
