import { sql } from 'drizzle-orm';
import { check, numeric, pgTable, text } from 'drizzle-orm/pg-core';

import { instant } from '../db/instant.ts';

/** Below every key that a score can have. */
const LOWEST_KEY = '-1e17';

export const LeaderboardsTable = pgTable(
  'leaderboards',
  {
    id: text().primaryKey(),
    title: text().notNull(),
    /** The keys at which the buckets of score_counts begin, ascending; lock_rank_bounds() guards them. */
    rankBounds: numeric('rank_bounds').array().notNull().default([LOWEST_KEY]),
    createdAt: instant('created_at')
      .notNull()
      .default(sql`now()`),
  },
  (table) => [check('leaderboards_id_check', sql`${table.id} ~ '^[a-z0-9][a-z0-9-]{0,63}$'`)],
);
