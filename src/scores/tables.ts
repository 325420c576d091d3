import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  index,
  jsonb,
  numeric,
  pgTable,
  primaryKey,
  smallint,
  text,
  uuid,
} from 'drizzle-orm/pg-core';

import { instant } from '../db/instant.ts';
import { UsersTable } from '../users/tables.ts';

/**
 * The primary key leads with the user, so that deleting a user finds its rows without another index on this
 * hot table. No foreign key to leaderboards: every first score would lock the one row of its leaderboard; the
 * statements check that it exists, and none is ever deleted.
 */
export const ScoresTable = pgTable(
  'scores',
  {
    leaderboardId: text('leaderboard_id').notNull(),
    userId: uuid('user_id')
      .notNull()
      .references(() => UsersTable.id, { onDelete: 'cascade' }),
    totalScore: bigint('total_score', { mode: 'number' }).notNull(),
    scoreFirstReachedAt: instant('score_first_reached_at').notNull(),
    version: bigint({ mode: 'number' }).notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.leaderboardId] }),
    check('scores_total_score_check', sql`${table.totalScore} between 0 and 9007199254740991`),
    index('scores_rank_idx').on(
      table.leaderboardId,
      table.totalScore.desc().nullsFirst(),
      table.scoreFirstReachedAt.asc(),
      table.userId.desc().nullsFirst(),
    ),
    index('scores_updated_at_idx').on(table.leaderboardId, table.updatedAt),
  ],
);

/**
 * How many players have a rank key in a bucket: at least `lower`, below the next of the leaderboard's bounds. Triggers
 * on scores keep it exact, whatever changes those; verifyHistogram mends what went past them. Writers spread over shards
 * so as not to queue on one row; a count is the sum over a bucket's shards, and a single shard may be below zero.
 */
export const ScoreCountsTable = pgTable(
  'score_counts',
  {
    leaderboardId: text('leaderboard_id').notNull(),
    lower: numeric().notNull(),
    shard: smallint().notNull(),
    players: bigint({ mode: 'number' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.leaderboardId, table.lower, table.shard] })],
);

export const RemovedScoresTable = pgTable(
  'removed_scores',
  {
    leaderboardId: text('leaderboard_id').notNull(),
    userId: uuid('user_id').notNull(),
    removedAt: instant('removed_at')
      .notNull()
      .default(sql`now()`),
  },
  (table) => [
    primaryKey({ columns: [table.leaderboardId, table.userId] }),
    index('removed_scores_removed_at_idx').on(table.removedAt),
  ],
);

/** Append-only. `action_id` has no unique index: consumed_actions decides who spends an action. */
export const ScoreEventsTable = pgTable(
  'score_events',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedByDefaultAsIdentity(),
    leaderboardId: text('leaderboard_id').notNull(),
    userId: uuid('user_id').references(() => UsersTable.id, { onDelete: 'set null' }),
    actionId: text('action_id'),
    kind: text({ enum: ['action', 'adjustment'] }).notNull(),
    scoreDelta: bigint('score_delta', { mode: 'number' }).notNull(),
    appliedDelta: bigint('applied_delta', { mode: 'number' }).notNull(),
    totalAfter: bigint('total_after', { mode: 'number' }).notNull(),
    scoreFirstReachedAt: instant('score_first_reached_at').notNull(),
    capped: boolean().notNull(),
    maxScore: bigint('max_score', { mode: 'number' }),
    actor: text(),
    metadata: jsonb().$type<Readonly<Record<string, string>>>(),
    createdAt: instant('created_at')
      .notNull()
      .default(sql`now()`),
  },
  (table) => [
    index('score_events_user_id_idx').on(table.userId, table.id),
    check('score_events_kind_check', sql`${table.kind} in ('action', 'adjustment')`),
  ],
);
