import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startPostgresServer } from '../../test/harness/postgres-server.ts';
import type { SoakOptions } from './options.ts';

interface Store {
  /** What tells the service to use it. */
  readonly env: Readonly<Record<string, string>>;
  /** Removes what was made for the run. */
  readonly remove: () => Promise<void> | void;
}

export async function openStore({ store }: Pick<SoakOptions, 'store'>): Promise<Store> {
  if (store === 'embedded') return openDirectory();
  if (store !== 'private') return { env: { DATABASE_URL: store }, remove: () => {} };
  const server = await startPostgresServer();
  return { env: { DATABASE_URL: server.url('postgres') }, remove: async () => await server.remove() };
}

function openDirectory(): Store {
  const directory = mkdtempSync(join(tmpdir(), 'laurel-soak-'));
  return { env: { DATA_DIR: directory }, remove: () => rmSync(directory, { recursive: true }) };
}
