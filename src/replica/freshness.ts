/** Which data a server has. A replica has its primary's. */
interface Identity {
  /** The cluster, which initdb names at random, and the database in it. */
  readonly database: string;
  /** Numbers the histories of a cluster: each promotion begins another, and what the old one had may be missing in it. */
  readonly timeline: number;
}

/** The primary's log up to `lsn` holds everything that was acknowledged before `at`, in milliseconds of any clock. */
export interface Mark extends Identity {
  readonly at: number;
  readonly lsn: bigint;
}

/** How far a server has come in replaying its primary's log. */
export interface Progress extends Identity {
  readonly inRecovery: boolean;
  /** Null where nothing was replayed, as on a primary. */
  readonly replayedLsn: bigint | null;
}

export type Mismatch = 'not_a_replica' | 'other_database' | 'other_timeline';

/** Why a server is no replica of the primary that left the mark; undefined if it is one. */
export function mismatchOf(mark: Mark, progress: Progress): Mismatch | undefined {
  if (!progress.inRecovery) return 'not_a_replica';
  if (progress.database !== mark.database) return 'other_database';
  return progress.timeline === mark.timeline ? undefined : 'other_timeline';
}

/** As of when a replica holds everything that was acknowledged; undefined if it has not come to any of the marks. */
export function freshAt(marks: readonly Mark[], { replayedLsn }: Progress): number | undefined {
  if (replayedLsn === null) return undefined;
  return marks.findLast(({ lsn }) => lsn <= replayedLsn)?.at;
}
