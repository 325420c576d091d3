import { z } from 'zod';

import { LeaderboardId } from './leaderboard.ts';
import type { SyncReport } from './sync/report.ts';

export const SyncReportView = z
  .object({
    leaderboard_id: LeaderboardId,
    mode: z.enum(['verify', 'rebuild']),
    compared: z.int().min(0),
    drifted: z.int().min(0),
    repaired: z.int().min(0),
    rebuilt: z.boolean(),
    duration_ms: z.int().min(0),
    checked_at: z.iso.datetime({ precision: 6 }),
  })
  .meta({ id: 'SyncReport' });

export function toSyncReportView(report: SyncReport): z.infer<typeof SyncReportView> {
  return {
    leaderboard_id: report.leaderboardId,
    mode: report.mode,
    compared: report.compared,
    drifted: report.drifted,
    repaired: report.repaired,
    rebuilt: report.rebuilt,
    duration_ms: report.durationMs,
    checked_at: report.checkedAt,
  };
}
