import type { Logger } from '../../telemetry/log.ts';
import { compare, type Comparison } from './compare.ts';
import { rebuild } from './rebuild.ts';
import { replay, type Stores } from './replay.ts';
import type { SyncMode, SyncReport } from './report.ts';
import { readClock } from './repository.ts';

/** More than this is told to whoever is on call: one may be an update on its way at every look. */
const TOLERATED_DRIFT = 1;

interface SyncOptions {
  readonly leaderboardId: string;
  readonly mode: SyncMode;
  readonly log: Logger;
  /** Told once, of the first comparison: what there was before anything was mended. */
  readonly onCompared: (comparison: Comparison) => void;
}

/**
 * Brings the index of a board up to date, compares it with PostgreSQL, and builds it anew where it was missing, differs,
 * or `mode` says so. Only one process should at a time; if two do, one of the rebuilds is superseded.
 */
export async function syncBoard(
  stores: Stores,
  { leaderboardId, mode, log, onCompared }: SyncOptions,
): Promise<SyncReport> {
  const beganAt = performance.now();
  const checkedAt = await readClock(stores.db);
  const found = mode === 'verify' ? await verify(stores, leaderboardId) : undefined;
  const drifted = found?.drifted ?? 0;
  // Before the rebuild, which may fail: drift that stays is what an alarm is for.
  if (found !== undefined) onCompared(found);
  if (drifted > 0) {
    const level = drifted > TOLERATED_DRIFT ? 'error' : 'warn';
    log[level]({ leaderboard_id: leaderboardId, ...found }, 'the ranking index has drifted');
  }
  const rebuilt = found === undefined || drifted > 0;
  if (rebuilt) await rebuild(stores, leaderboardId);
  const after = rebuilt ? await compare(stores, leaderboardId) : found;
  if (found === undefined && after !== undefined) onCompared(after);
  return {
    leaderboardId,
    mode,
    compared: after?.compared ?? 0,
    drifted: found?.drifted ?? after?.drifted ?? 0,
    repaired: Math.max(0, drifted - (after?.drifted ?? drifted)),
    rebuilt,
    durationMs: Math.round(performance.now() - beganAt),
    checkedAt,
  };
}

/** Undefined when the board is not ready. */
async function verify(stores: Stores, leaderboardId: string): Promise<Comparison | undefined> {
  const isReady = await replay(stores, leaderboardId);
  return isReady ? await compare(stores, leaderboardId) : undefined;
}
