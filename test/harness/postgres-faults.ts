import pg from 'pg';

import type { PostgresServer } from './postgres-server.ts';
import type { TcpProxy } from './tcp-proxy.ts';

/** What is made to fail: a private server, the way to it, and the database on it that the service uses. */
export interface Stage {
  readonly server: PostgresServer;
  readonly proxy: TcpProxy;
  readonly database: string;
}

export interface Fault {
  readonly name: string;
  readonly lastsMs: number;
  /** No request may take longer: a refusal is noticed at once, silence only by timeouts. */
  readonly slowestMs: number;
  readonly strike: (stage: Stage) => Promise<void> | void;
  /** Resolves when the server can serve again. */
  readonly heal: (stage: Stage) => Promise<void> | void;
}

const REFUSED_MS = 3000;
/** A statement's 6 s, and 2 s for the connection of a second one. */
const SILENT_MS = 10_000;

export const postgresFaults: readonly Fault[] = [
  {
    name: 'stopped',
    lastsMs: 1500,
    slowestMs: REFUSED_MS,
    strike: async ({ server }) => await server.stop(),
    heal: async ({ server }) => await server.start(),
  },
  {
    name: 'crashed',
    lastsMs: 500,
    slowestMs: REFUSED_MS,
    strike: async ({ server }) => await server.crash(),
    heal: async ({ server }) => await server.start(),
  },
  {
    name: 'out of connections',
    lastsMs: 1000,
    slowestMs: REFUSED_MS,
    strike: async ({ server, database }) => {
      await runSql(server, `ALTER DATABASE ${database} CONNECTION LIMIT 0`);
      await runSql(
        server,
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${database}'`,
      );
    },
    heal: async ({ server, database }) =>
      await runSql(server, `ALTER DATABASE ${database} CONNECTION LIMIT -1`),
  },
  {
    name: 'frozen',
    lastsMs: 7000,
    slowestMs: SILENT_MS,
    strike: async ({ server }) => await server.freeze(),
    heal: ({ server }) => server.thaw(),
  },
  {
    name: 'gone without a word',
    lastsMs: 2000,
    slowestMs: SILENT_MS,
    strike: async ({ proxy }) => await proxy.swallow(),
    heal: async ({ proxy }) => await proxy.restore(),
  },
];

/** Runs one statement as the server's superuser. */
export async function runSql(server: PostgresServer, sql: string): Promise<void> {
  const admin = new pg.Client(server.url('postgres'));
  await admin.connect();
  try {
    await admin.query(sql);
  } finally {
    await admin.end();
  }
}
