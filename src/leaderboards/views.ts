import { z } from 'zod';

import {
  type Entry,
  type Leaderboard,
  LeaderboardId,
  MAX_TOTAL_SCORE,
  type Page,
  type Position,
} from './leaderboard.ts';

const EntryView = z
  .object({
    rank: z.int().min(1),
    user_id: z.uuid(),
    username: z.string(),
    total_score: z.int().min(0).max(MAX_TOTAL_SCORE),
    score_first_reached_at: z.iso.datetime({ precision: 6 }),
  })
  .meta({ id: 'Entry' });

export const LeaderboardView = z
  .object({ leaderboard_id: LeaderboardId, title: z.string(), created_at: z.iso.datetime({ precision: 6 }) })
  .meta({ id: 'Leaderboard' });

export const LeaderboardsView = z
  .object({ leaderboards: z.array(LeaderboardView) })
  .meta({ id: 'Leaderboards' });

export const PageView = z
  .object({ leaderboard_id: LeaderboardId, total_players: z.int().min(0), entries: z.array(EntryView) })
  .meta({ id: 'Page' });

export const PositionView = z
  .object({
    leaderboard_id: LeaderboardId,
    total_players: z.int().min(0),
    entry: EntryView,
    around: z.array(EntryView),
  })
  .meta({ id: 'Position' });

export function toLeaderboardView({ id, title, createdAt }: Leaderboard): z.infer<typeof LeaderboardView> {
  return { leaderboard_id: id, title, created_at: createdAt };
}

export function toPageView({ leaderboardId, totalPlayers, entries }: Page): z.infer<typeof PageView> {
  return { leaderboard_id: leaderboardId, total_players: totalPlayers, entries: entries.map(toEntryView) };
}

export function toPositionView(position: Position): z.infer<typeof PositionView> {
  return {
    leaderboard_id: position.leaderboardId,
    total_players: position.totalPlayers,
    entry: toEntryView(position.entry),
    around: position.around.map(toEntryView),
  };
}

function toEntryView(entry: Entry): z.infer<typeof EntryView> {
  return {
    rank: entry.rank,
    user_id: entry.userId,
    username: entry.username,
    total_score: entry.totalScore,
    score_first_reached_at: entry.scoreFirstReachedAt,
  };
}
