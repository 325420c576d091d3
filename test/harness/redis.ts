import { createClient } from '@redis/client';
import { inject } from 'vitest';

import { cleanUp } from './cleanup.ts';

/** Longer than any file runs; only what was cut off lets it pass. */
const LEASE_SECONDS = 3600;

/**
 * The URL of an empty database of its own for one file or test, emptied again after the file. The list of those that
 * are taken is in database 0; one that holds anything is left alone.
 */
export async function createTestRedis(): Promise<string> {
  for (let database = 1; ; database += 1) {
    const url = Object.assign(new URL(inject('redis').url), { pathname: `/${database}` }).href;
    if (!(await take(database))) continue;
    if (await isEmpty(url, database)) {
      cleanUp(async () => {
        await ask(url, 'FLUSHDB');
        await ask(inject('redis').url, 'DEL', leaseOf(database));
      });
      return url;
    }
  }
}

async function take(database: number): Promise<boolean> {
  const lease = ['SET', leaseOf(database), '1', 'NX', 'EX', String(LEASE_SECONDS)];
  return (await ask(inject('redis').url, ...lease)) === 'OK';
}

/** Throws when the server has no such database. */
async function isEmpty(url: string, database: number): Promise<boolean> {
  try {
    return (await ask(url, 'DBSIZE')) === 0;
  } catch (cause) {
    throw new Error(`the Redis of the tests has no free database left below ${database}`, { cause });
  }
}

function leaseOf(database: number): string {
  return `laurel:test-database:${database}`;
}

async function ask(url: string, ...command: string[]): Promise<unknown> {
  const client = createClient({ url, RESP: 2, socket: { reconnectStrategy: false } });
  client.on('error', () => {});
  try {
    await client.connect();
    return await client.sendCommand(command);
  } finally {
    client.destroy();
  }
}
