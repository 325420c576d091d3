import { and, eq, isNull, notInArray, sql } from 'drizzle-orm';

import type { Database, Queries, Statement } from '../db/index.ts';
import type { ApiKeyHolder, ApiKeyRole } from './caller.ts';
import { ApiKeysTable } from './tables.ts';

/** An API key as it is stored: its hash alone. */
export interface StoredApiKey {
  readonly id: string;
  readonly name: string;
  readonly role: ApiKeyRole;
  readonly keyHash: string;
}

export async function insertApiKey(db: Database, key: StoredApiKey): Promise<void> {
  await db.orm.insert(ApiKeysTable).values(key);
}

const useStatement: Statement = {
  name: 'use_api_key',
  text: `
    WITH used AS (
      UPDATE api_keys SET last_used_at = now()
      WHERE key_hash = $1 AND revoked_at IS NULL
        AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')
    )
    SELECT id AS "apiKeyId", role FROM api_keys WHERE key_hash = $1 AND revoked_at IS NULL`,
};

/** Finds a key that may be used, and notes, once a minute at the most, that it was. */
export async function useApiKey(db: Database, keyHash: string): Promise<ApiKeyHolder | undefined> {
  const [key] = await db.run<Omit<ApiKeyHolder, 'kind'>>(useStatement, [keyHash]);
  return key && { kind: 'api_key', ...key };
}

/** Returns the hash of the key that it revoked; undefined when no such key was in use. */
export async function revokeApiKeyRow(db: Database, id: string): Promise<string | undefined> {
  const [revoked] = await db.orm
    .update(ApiKeysTable)
    .set({ revokedAt: sql`now()` })
    .where(and(eq(ApiKeysTable.id, id), isNull(ApiKeysTable.revokedAt)))
    .returning({ keyHash: ApiKeysTable.keyHash });
  return revoked?.keyHash;
}

/** Any number will do, as long as no other advisory lock takes it: "seed" in ASCII. */
const SEED_LOCK = 0x7365_6564;

/** Waits until no other process is seeding; the turn ends with the transaction. */
export async function lockSeeding({ orm }: Queries): Promise<void> {
  await orm.execute(sql`SELECT pg_advisory_xact_lock(${SEED_LOCK})`);
}

/** Revokes the seeded keys with other hashes than these. */
export async function revokeSeededExcept({ orm }: Queries, keyHashes: readonly string[]): Promise<void> {
  await orm
    .update(ApiKeysTable)
    .set({ revokedAt: sql`now()` })
    .where(
      and(
        eq(ApiKeysTable.seeded, true),
        isNull(ApiKeysTable.revokedAt),
        notInArray(ApiKeysTable.keyHash, [...keyHashes]),
      ),
    );
}

/** Inserts seeded keys; those that exist are in use again, with this name and role. */
export async function upsertSeeded({ orm }: Queries, keys: readonly StoredApiKey[]): Promise<void> {
  await orm
    .insert(ApiKeysTable)
    .values(keys.map((key) => ({ ...key, seeded: true })))
    .onConflictDoUpdate({
      target: ApiKeysTable.keyHash,
      set: { name: sql`excluded.name`, role: sql`excluded.role`, seeded: true, revokedAt: null },
    });
}
