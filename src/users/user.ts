import { z } from 'zod';

import type { Instant } from '../db/index.ts';

export const Username = z
  .string()
  .min(3, 'must have at least 3 characters')
  .max(32, 'must have at most 32 characters')
  .regex(/^[A-Za-z0-9_.-]*$/, 'may only have ASCII letters, digits, _ . -')
  .meta({ description: 'Unique without regard to case' });

export type Role = 'player' | 'admin';

export interface User {
  readonly id: string;
  readonly username: string;
  readonly createdAt: Instant;
}

export const UserView = z
  .object({ user_id: z.uuid(), username: z.string(), created_at: z.iso.datetime({ precision: 6 }) })
  .meta({ id: 'User' });
export type UserView = z.infer<typeof UserView>;

export function toUserView({ id, username, createdAt }: User): UserView {
  return { user_id: id, username, created_at: createdAt };
}
