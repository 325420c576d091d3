import { randomBytes } from 'node:crypto';

import { v7 as uuidv7 } from 'uuid';

import type { Secrets } from '../config.ts';
import type { Database } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { hashApiKey } from './api-key-hash.ts';
import {
  insertApiKey,
  lockSeeding,
  revokeApiKeyRow,
  revokeSeededExcept,
  type StoredApiKey,
  upsertSeeded,
} from './api-key-repository.ts';
import type { Auth } from './auth.ts';
import type { ApiKeyRole } from './caller.ts';

/** So that a key is recognised where it should not be: in a repository, in a log. */
const PREFIXES: Readonly<Record<ApiKeyRole, string>> = { game_service: 'laurel_gs_', admin: 'laurel_op_' };

/** Makes an API key. Its text is in the result and nowhere else. */
export async function createApiKey(
  { db }: Pick<Auth, 'db'>,
  { name, role }: { name: string; role: ApiKeyRole },
): Promise<{ id: string; apiKey: string }> {
  const apiKey = PREFIXES[role] + randomBytes(32).toString('base64url');
  const id = uuidv7();
  await insertApiKey(db, { id, name, role, keyHash: hashApiKey(apiKey) });
  return { id, apiKey };
}

/** Ends an API key: at once here, within five seconds at other processes. Throws not_found. */
export async function revokeApiKey(auth: Auth, id: string): Promise<void> {
  const keyHash = await revokeApiKeyRow(auth.db, id);
  if (keyHash === undefined) throw new AppError('not_found', `there is no API key ${id} in use`);
  await auth.apiKeys.revoke([keyHash]);
}

/** Makes the seeded keys exactly those that the environment lists; keys made by operators stay. */
export async function seedApiKeys({ db, secrets }: { db: Database; secrets: Secrets }): Promise<void> {
  const keys = [
    ...toSeeds(secrets.GAME_SERVICE_API_KEY, 'game_service', 'GAME_SERVICE_API_KEY'),
    ...toSeeds(secrets.ADMIN_API_KEY, 'admin', 'ADMIN_API_KEY'),
  ];
  const keyHashes = keys.map(({ keyHash }) => keyHash);
  await db.transaction(async (queries) => {
    // A statement of its own: the next ones then see what a process that had its turn before has committed.
    await lockSeeding(queries);
    await revokeSeededExcept(queries, keyHashes);
    if (keys.length > 0) await upsertSeeded(queries, keys);
  });
}

/** A key that is listed twice is one key: an upsert may not meet the same row twice. */
function toSeeds(apiKeys: readonly string[], role: ApiKeyRole, name: string): StoredApiKey[] {
  const keyHashes = new Set(apiKeys.map(hashApiKey));
  return [...keyHashes].map((keyHash) => ({ id: uuidv7(), name, role, keyHash }));
}
