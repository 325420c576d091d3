import { bigint, index, pgTable, text, uuid } from 'drizzle-orm/pg-core';

import { instant } from '../db/instant.ts';

/** One row for each spent action, kept until nobody can hold a valid token for it (EDGE-006). */
export const ConsumedActionsTable = pgTable(
  'consumed_actions',
  {
    actionId: text('action_id').primaryKey(),
    userId: uuid('user_id').notNull(),
    leaderboardId: text('leaderboard_id').notNull(),
    scoreDelta: bigint('score_delta', { mode: 'number' }).notNull(),
    eventId: bigint('event_id', { mode: 'number' }).notNull(),
    expiresAt: instant('expires_at').notNull(),
  },
  (table) => [index('consumed_actions_expires_at_idx').on(table.expiresAt)],
);
