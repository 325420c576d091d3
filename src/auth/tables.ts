import { sql } from 'drizzle-orm';
import { boolean, check, index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';

import { instant } from '../db/instant.ts';
import { UsersTable } from '../users/tables.ts';

export const SessionsTable = pgTable(
  'sessions',
  {
    id: uuid().primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => UsersTable.id, { onDelete: 'cascade' }),
    generation: integer().notNull().default(0),
    expiresAt: instant('expires_at').notNull(),
    revokedAt: instant('revoked_at'),
    userAgent: text('user_agent'),
    createdAt: instant('created_at')
      .notNull()
      .default(sql`now()`),
  },
  (table) => [
    index('sessions_user_id_idx').on(table.userId),
    index('sessions_expires_at_idx').on(table.expiresAt),
  ],
);

export const ApiKeysTable = pgTable(
  'api_keys',
  {
    id: uuid().primaryKey(),
    name: text().notNull(),
    role: text({ enum: ['game_service', 'admin'] }).notNull(),
    keyHash: text('key_hash').notNull().unique(),
    seeded: boolean().notNull().default(false),
    createdAt: instant('created_at')
      .notNull()
      .default(sql`now()`),
    revokedAt: instant('revoked_at'),
    lastUsedAt: instant('last_used_at'),
  },
  (table) => [check('api_keys_role_check', sql`${table.role} in ('game_service', 'admin')`)],
);

/** Subjects of the external identity provider whose accounts were deleted, as hashes; kept for a day. */
export const RefusedSubjectsTable = pgTable(
  'refused_subjects',
  {
    subjectHash: text('subject_hash').primaryKey(),
    refusedAt: instant('refused_at')
      .notNull()
      .default(sql`now()`),
  },
  (table) => [index('refused_subjects_refused_at_idx').on(table.refusedAt)],
);
