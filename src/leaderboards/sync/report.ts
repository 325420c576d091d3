import type { Instant } from '../../db/index.ts';

export type SyncMode = 'verify' | 'rebuild';

/** What a sync of one board found and did. */
export interface SyncReport {
  readonly leaderboardId: string;
  readonly mode: SyncMode;
  /** Players that were looked at in both stores. */
  readonly compared: number;
  /** Players of whom the stores said different things. */
  readonly drifted: number;
  /** How many of them no longer differ. */
  readonly repaired: number;
  readonly rebuilt: boolean;
  readonly durationMs: number;
  readonly checkedAt: Instant;
}
