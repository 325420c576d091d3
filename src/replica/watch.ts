import { setTimeout } from 'node:timers/promises';

import type { Queries } from '../db/index.ts';
import { freshAt, type Mark, mismatchOf, type Progress } from './freshness.ts';
import type { Gate } from './gate.ts';
import { readProgress, takeMark } from './probe.ts';

const INTERVAL_MS = 500;
/** A mark from before the longest lag proves nothing. */
const KEPT_MARKS = 5;

interface Watched {
  readonly primary: Queries;
  readonly replica: Queries;
  readonly gate: Gate;
  readonly clock: () => number;
}

/** What earlier looks have found. */
interface Seen {
  readonly marks: readonly Mark[];
  /** How far the replica had come when it last answered. */
  readonly replayedLsn: bigint | null;
}

/** Opens and shuts the gate by what both servers say, until the signal; resolves after the last look. */
export async function watch(watched: Watched, signal: AbortSignal): Promise<void> {
  let seen: Seen = { marks: [], replayedLsn: null };
  while (!signal.aborted) {
    seen = await look(watched, seen);
    await setTimeout(INTERVAL_MS, undefined, { ref: false, signal }).catch(() => {});
  }
}

/** Marks the primary first: a replica that has caught up with an idle one has replayed the newest mark. */
async function look({ primary, replica, gate, clock }: Watched, seen: Seen): Promise<Seen> {
  const mark = await takeMark(primary, clock()).catch((err: unknown) => {
    gate.lapse('primary_unreachable', err);
  });
  if (mark === undefined) return seen;
  const marks = [...seen.marks, mark].slice(-KEPT_MARKS);
  const progress = await readProgress(replica).catch((err: unknown) => {
    gate.shut('unreachable', err);
  });
  if (progress === undefined) return { ...seen, marks };
  judge(gate, mark, progress, { ...seen, marks });
  return { marks, replayedLsn: progress.replayedLsn };
}

/** Opens or shuts the gate by the progress of the replica, after the `newest` of the marks was taken. */
export function judge(gate: Gate, newest: Mark, progress: Progress, { marks, replayedLsn }: Seen): void {
  const mismatch = mismatchOf(newest, progress);
  if (mismatch !== undefined) return gate.shut(mismatch);
  // One that crashed replays again from where its disk was: what the last proof was about may be missing.
  if (isBehind(progress.replayedLsn, replayedLsn)) return gate.shut('went_back');
  const fresh = freshAt(marks, progress);
  if (fresh === undefined) return gate.lapse('lagging');
  gate.prove(fresh);
}

function isBehind(lsn: bigint | null, earlier: bigint | null): boolean {
  return earlier !== null && (lsn === null || lsn < earlier);
}
