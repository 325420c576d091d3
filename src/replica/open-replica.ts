import type { Config } from '../config.ts';
import { connectPostgres, type Database, type Queries, sqlState, type Timeouts } from '../db/index.ts';
import type { Logger } from '../telemetry/log.ts';
import { Gate } from './gate.ts';
import { watch } from './watch.ts';

export interface Replica {
  /** Whether it may be read now. */
  isUsed(): boolean;
  /**
   * Runs a read on the replica, whose data is then at most 2 s old. Never rejects: resolves with undefined when the
   * replica is not used, and when it fails, at the latest after the 550 ms that connecting and reading may take.
   */
  read<Result>(query: (queries: Queries) => Promise<Result>): Promise<Result | undefined>;
  close(): Promise<void>;
}

const READ_TIMEOUTS: Timeouts = { connectMs: 250, statementMs: 250, silenceMs: 300 };
const PROBE_TIMEOUTS: Timeouts = { connectMs: 1000, statementMs: 1000, silenceMs: 1000 };

/**
 * Watches the configured replica, with one connection to each server; reads have a pool of their own. It need not be
 * there. Undefined without one.
 */
export function openReplica(
  { url, replicaUrl, caFile, poolSize }: Config['database'],
  log: Logger,
): Replica | undefined {
  if (url === undefined || replicaUrl === undefined) return undefined;
  // A lost connection is no news: the next probe or read tells.
  const shared = { caFile, onIdleError: () => {} };
  const reads = connectPostgres({ ...shared, url: replicaUrl, poolSize, timeouts: READ_TIMEOUTS });
  const single = { ...shared, poolSize: 1, timeouts: PROBE_TIMEOUTS };
  const primary = connectPostgres({ ...single, url });
  const replica = connectPostgres({ ...single, url: replicaUrl });
  // Not the time of day, which may step: a replica would seem fresh for longer.
  const clock = () => performance.now();
  const gate = new Gate({ clock, log });
  const closing = new AbortController();
  const watching = watch({ primary, replica, gate, clock }, closing.signal);
  return {
    isUsed: () => gate.isOpen(),
    read: async (query) => await readThrough(gate, reads, query),
    close: async () => {
      closing.abort();
      await watching;
      await Promise.all([reads, primary, replica].map(async (database) => await database.close()));
    },
  };
}

async function readThrough<Result>(
  gate: Gate,
  reads: Database,
  query: (queries: Queries) => Promise<Result>,
): Promise<Result | undefined> {
  if (!gate.isOpen()) return undefined;
  try {
    return await query(reads);
  } catch (error) {
    if (!isRecoveryConflict(error)) gate.readFailed(error);
    return undefined;
  }
}

/** Replaying cancels a read that stands in its way (class 40): that says nothing about the next one. */
function isRecoveryConflict(error: unknown): boolean {
  return sqlState(error)?.startsWith('40') === true;
}
