import { randomUUID } from 'node:crypto';

import { expect } from 'vitest';

import { connectPostgres, type Database, migratePostgres } from '../../src/db/index.ts';
import { cleanUp } from './cleanup.ts';
import { spend } from './fleet.ts';
import type { EntryBody } from './play.ts';
import { insertPlayers, type InsertedPlayer, signTestAction } from './players.ts';
import { startReplica } from './postgres-replica.ts';
import { type PostgresServer, startPostgresServer } from './postgres-server.ts';
import { startProcess, type TestProcess } from './process.ts';
import { createDatabase } from './test-databases.ts';
import { until } from './until.ts';

export interface ReplicatedStore {
  readonly primary: PostgresServer;
  readonly replica: PostgresServer;
  readonly env: Readonly<Record<'DATABASE_URL' | 'DATABASE_REPLICA_URL', string>>;
  readonly onPrimary: Database;
  readonly onReplica: Database;
}

/** A private server with a migrated database, and a replica of it; both are gone after the file. */
export async function startReplicatedStore(): Promise<ReplicatedStore> {
  const primary = await startPostgresServer();
  cleanUp(async () => await primary.remove());
  const replica = await startReplica(primary);
  cleanUp(async () => await replica.remove());
  const name = 'laurel_replicated_test';
  const env = {
    DATABASE_URL: await createDatabase(primary.url('postgres'), name),
    DATABASE_REPLICA_URL: replica.url(name),
  };
  await migratePostgres({ url: env.DATABASE_URL, caFile: undefined });
  const [onPrimary, onReplica] = [connect(env.DATABASE_URL), connect(env.DATABASE_REPLICA_URL)];
  return { primary, replica, env, onPrimary, onReplica };
}

function connect(url: string): Database {
  const db = connectPostgres({ url, poolSize: 2, caFile: undefined, onIdleError: () => {} });
  cleanUp(async () => await db.close());
  return db;
}

/** Runs a command on a server, outside any transaction. */
export async function execute(db: Database, text: string): Promise<void> {
  await db.run({ name: randomUUID(), text }, []);
}

interface Response<Body> {
  readonly status: number;
  readonly body: Body;
}

export interface ReplicatedService {
  readonly store: ReplicatedStore;
  readonly logs: TestProcess['logs'];
  get<Body>(path: string, token?: string): Promise<Response<Body>>;
  put<Body>(path: string, token: string, body: unknown): Promise<Response<Body>>;
  insertPlayer(): Promise<InsertedPlayer>;
  score(player: InsertedPlayer, delta: number, leaderboardId?: string): Promise<void>;
  /** On the global leaderboard; undefined without a score. */
  totalOf(player: InsertedPlayer): Promise<number | undefined>;
  /** Waits until the service says so of its replica. */
  untilReplicaIs(state: 'used' | 'not_used'): Promise<void>;
  /** What was logged of the replica since the last call: "used", or why it is not. */
  takeTransitions(): Promise<unknown[]>;
}

/** A process on such a store, which uses its replica by now. */
export async function startReplicatedService(): Promise<ReplicatedService> {
  const store = await startReplicatedStore();
  const process = await startProcess(store.env);
  let taken = 0;

  const request = async <Body>(path: string, token = '', init: RequestInit = {}): Promise<Response<Body>> => {
    const headers = {
      'Content-Type': 'application/json',
      ...(token && { Authorization: `Bearer ${token}` }),
    };
    const response = await fetch(`${process.url}${path}`, { ...init, headers });
    return { status: response.status, body: (await response.json()) as Body };
  };

  const service: ReplicatedService = {
    store,
    logs: process.logs,
    get: async (path, token) => await request(path, token),
    put: async (path, token, body) =>
      await request(path, token, { method: 'PUT', body: JSON.stringify(body) }),
    insertPlayer: async () => {
      const [player] = await insertPlayers(store.onPrimary, 1);
      if (player === undefined) throw new Error('no player was inserted');
      return player;
    },
    score: async (player, delta, leaderboardId = 'global') => {
      const token = signTestAction(player.userId, { leaderboardId });
      expect(await spend(process, player, token, delta)).toMatchObject({ status: 200 });
    },
    totalOf: async ({ userId }) => {
      const { body } = await request<{ entry?: EntryBody }>(`/v1/leaderboards/global/users/${userId}`);
      return body.entry?.total_score;
    },
    untilReplicaIs: async (state) => {
      await until(`the replica is ${state}`, async () => {
        const { status, body } = await request<{ checks: { replica: string } }>('/health/ready');
        expect(status).toBe(200);
        return body.checks.replica === state;
      });
    },
    takeTransitions: async () => {
      await process.untilLogged();
      const lines = process.logs.slice(taken);
      taken = process.logs.length;
      const ofReplica = lines.filter(({ msg }) => String(msg).startsWith('the read replica is'));
      return ofReplica.map(({ reason }) => reason ?? 'used');
    },
  };
  await service.untilReplicaIs('used');
  return service;
}
