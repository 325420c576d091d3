import { describe, expect, it } from 'vitest';

import type { Database } from '../db/index.ts';
import { createApiKeyLookup } from './api-key-lookup.ts';

const holder = { kind: 'api_key', apiKeyId: '1', role: 'admin' };

/** A database with the keys in `valid`, which answers when it is told to, and the look-ups that reached it. */
function controlledDatabase(valid: Set<string>) {
  const lookUps: { keyHash: string; answer: () => void }[] = [];
  const run = async (_statement: unknown, [keyHash]: readonly unknown[]) =>
    await new Promise((resolve) => {
      const rows = valid.has(String(keyHash)) ? [{ apiKeyId: '1', role: 'admin' }] : [];
      lookUps.push({ keyHash: String(keyHash), answer: () => resolve(rows) });
    });
  const answerAll = () => {
    for (const { answer } of lookUps) answer();
  };
  return { db: { run } as unknown as Database, lookUps, answerAll };
}

describe('looking up API keys', () => {
  it('asks for no more than two that were never valid at a time', async () => {
    const { db, lookUps, answerAll } = controlledDatabase(new Set());
    const lookUp = createApiKeyLookup(db, []);
    const found = ['a', 'b', 'c'].map(async (keyHash) => await lookUp(keyHash));
    expect(lookUps.map(({ keyHash }) => keyHash)).toEqual(['a', 'b']);
    answerAll();
    await expect.poll(() => lookUps.length).toBe(3);
    answerAll();
    expect(await Promise.all(found)).toEqual([undefined, undefined, undefined]);
  });

  it('lets the listed ones, and those that were valid before, pass by the others', async () => {
    const { db, lookUps, answerAll } = controlledDatabase(new Set(['listed', 'made']));
    const lookUp = createApiKeyLookup(db, ['listed']);
    const first = lookUp('made');
    answerAll();
    expect(await first).toEqual(holder);

    const unknown = ['a', 'b', 'c'].map(async (keyHash) => await lookUp(keyHash));
    const known = ['listed', 'made'].map(async (keyHash) => await lookUp(keyHash));
    expect(lookUps.slice(1).map(({ keyHash }) => keyHash)).toEqual(['a', 'b', 'listed', 'made']);
    answerAll();
    expect(await Promise.all(known)).toEqual([holder, holder]);
    await expect.poll(() => lookUps.length).toBe(6);
    answerAll();
    await Promise.all(unknown);
  });

  it('makes one that is valid no longer wait with the others', async () => {
    const { db, lookUps, answerAll } = controlledDatabase(new Set());
    const lookUp = createApiKeyLookup(db, ['revoked']);
    const refused = lookUp('revoked');
    answerAll();
    expect(await refused).toBeUndefined();

    const found = ['a', 'b', 'revoked'].map(async (keyHash) => await lookUp(keyHash));
    expect(lookUps.slice(1).map(({ keyHash }) => keyHash)).toEqual(['a', 'b']);
    answerAll();
    await expect.poll(() => lookUps.length).toBe(4);
    answerAll();
    await Promise.all(found);
  });
});
