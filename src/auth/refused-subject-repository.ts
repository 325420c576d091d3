import { eq, sql } from 'drizzle-orm';

import type { Queries, Statement } from '../db/index.ts';
import { RefusedSubjectsTable } from './tables.ts';

export async function refuseSubject({ orm }: Queries, subjectHash: string): Promise<void> {
  await orm
    .insert(RefusedSubjectsTable)
    .values({ subjectHash })
    .onConflictDoUpdate({ target: RefusedSubjectsTable.subjectHash, set: { refusedAt: sql`now()` } });
}

export async function isSubjectRefused({ orm }: Queries, subjectHash: string): Promise<boolean> {
  const { subjectHash: column } = RefusedSubjectsTable;
  const found = await orm
    .select({ subjectHash: column })
    .from(RefusedSubjectsTable)
    .where(eq(column, subjectHash));
  return found.length === 1;
}

const purgeStatement: Statement = {
  name: 'purge_refused_subjects',
  text: `
    DELETE FROM refused_subjects WHERE subject_hash = ANY (ARRAY(
      SELECT subject_hash FROM refused_subjects WHERE refused_at < now() - interval '24 hours'
      ORDER BY refused_at LIMIT $1 FOR UPDATE SKIP LOCKED
    )) RETURNING 1`,
};

/** Deletes up to `limit` refusals whose day is over; returns how many. */
export async function deleteOldRefusals(queries: Queries, limit: number): Promise<number> {
  return (await queries.run(purgeStatement, [limit])).length;
}
