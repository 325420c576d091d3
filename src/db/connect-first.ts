import type pg from 'pg';

import { DatabaseConnectionError, reasonOf } from './connection-error.ts';

/**
 * Opens the first connection to a server, once: whoever starts the process starts it again, and a deployment that points
 * at the wrong server should fail. Throws a DatabaseConnectionError.
 */
export async function connectFirst(client: pg.Client): Promise<void> {
  try {
    await client.connect();
  } catch (cause) {
    const { database, host, port } = client;
    const where = `The database ${database} on ${host}:${port}`;
    throw new DatabaseConnectionError(`${where} cannot be used: ${reasonOf(cause)}`, { cause });
  }
}
