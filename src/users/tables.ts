import { sql } from 'drizzle-orm';
import { check, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';

import { instant } from '../db/instant.ts';

export const UsersTable = pgTable(
  'users',
  {
    id: uuid().primaryKey(),
    username: text().notNull(),
    passwordHash: text('password_hash'),
    role: text({ enum: ['player', 'admin'] })
      .notNull()
      .default('player'),
    externalSubject: text('external_subject').unique(),
    createdAt: instant('created_at')
      .notNull()
      .default(sql`now()`),
  },
  (table) => [
    uniqueIndex('users_username_key').on(sql`lower(${table.username})`),
    check('users_role_check', sql`${table.role} in ('player', 'admin')`),
  ],
);
