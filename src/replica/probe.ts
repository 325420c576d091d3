import type { Queries, Statement } from '../db/index.ts';
import type { Mark, Progress } from './freshness.ts';

/*
 * Every role may call these functions. The flushed log, not the inserted one, is what replicas are sent: on an idle
 * primary the latter may stay ahead of the end of the last record by a page header.
 */
const mark: Statement = {
  name: 'replica_mark',
  text: `
SELECT (lsn - '0/0')::text AS "lsn", ('x' || left(pg_walfile_name(lsn), 8))::bit(32)::int AS "timeline",
       system_identifier || '/' || current_database() AS "database"
FROM pg_current_wal_flush_lsn() AS lsn, pg_control_system()`,
};

/*
 * Its timeline is that of its last restartpoint: the only one that every role may ask for. After its primary was
 * replaced, it agrees with the new one after the next checkpoint.
 */
const progress: Statement = {
  name: 'replica_progress',
  text: `
SELECT pg_is_in_recovery() AS "inRecovery", (pg_last_wal_replay_lsn() - '0/0')::text AS "replayedLsn",
       (SELECT timeline_id FROM pg_control_checkpoint()) AS "timeline",
       system_identifier || '/' || current_database() AS "database"
FROM pg_control_system()`,
};

/** Where the primary's log ends; `at` is a time before asking. */
export async function takeMark(primary: Queries, at: number): Promise<Mark> {
  const [row] = await primary.run<Omit<Mark, 'at' | 'lsn'> & { lsn: string }>(mark, []);
  if (row === undefined) throw new Error('a mark has no row');
  return { ...row, at, lsn: BigInt(row.lsn) };
}

export async function readProgress(replica: Queries): Promise<Progress> {
  const [row] = await replica.run<Omit<Progress, 'replayedLsn'> & { replayedLsn: string | null }>(
    progress,
    [],
  );
  if (row === undefined) throw new Error('the progress has no row');
  return { ...row, replayedLsn: row.replayedLsn === null ? null : BigInt(row.replayedLsn) };
}
