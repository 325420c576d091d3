import { createHash } from 'node:crypto';

import { beforeAll, describe, expect, it } from 'vitest';

import { modes } from '../../test/harness/modes.ts';
import { cleanUp } from '../../test/harness/cleanup.ts';
import { createTestDatabase, openTestStore } from '../../test/harness/database.ts';
import { startTestService, type TestService } from '../../test/harness/service.ts';
import { connectPostgres, type Database } from '../db/index.ts';
import { seedApiKeys } from './api-keys.ts';

interface ApiKeyBody {
  readonly api_key_id: string;
  readonly api_key: string;
}

const readKey = { name: 'test_read_key', text: 'SELECT * FROM api_keys WHERE id = $1' };
const readLastUse = { name: 'test_read_last_use', text: 'SELECT last_used_at FROM api_keys WHERE id = $1' };
const useEarlier = {
  name: 'test_use_earlier',
  text: "UPDATE api_keys SET last_used_at = now() - interval '61 seconds' WHERE id = $1",
};

describe.each(modes)('an API key with %s', (mode) => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService({ mode });
  });

  const newKey = async () => {
    const body = { name: 'match server', role: 'game_service' };
    const token = service.keys.operator;
    return (await service.request<ApiKeyBody>('/v1/admin/api-keys', { token, body })).body;
  };
  const use = async (token: string) => await service.request('/v1/actions', { token, body: {} });

  it('is stored as a hash', async () => {
    const { api_key_id: id, api_key: key } = await newKey();
    const [row] = await service.db.run<Record<string, unknown>>(readKey, [id]);
    expect(row).toMatchObject({
      name: 'match server',
      role: 'game_service',
      key_hash: createHash('sha256').update(key).digest('hex'),
      seeded: false,
      revoked_at: null,
    });
    expect(JSON.stringify(row)).not.toContain(key);
  });

  it('notes its use, once a minute at the most', async () => {
    const { api_key_id: id, api_key: key } = await newKey();
    const lastUse = async () => (await service.db.run(readLastUse, [id]))[0];
    expect(await lastUse()).toEqual({ last_used_at: null });
    await use(key);
    const first = await lastUse();
    expect(first).toEqual({ last_used_at: expect.any(String) });
    service.clock.advance(5001);
    await use(key);
    expect(await lastUse()).toEqual(first);
    await service.db.run(useEarlier, [id]);
    const earlier = await lastUse();
    service.clock.advance(5001);
    await use(key);
    expect(await lastUse()).not.toEqual(earlier);
  });
});

const listSeeded = {
  name: 'test_list_seeded',
  text: "SELECT key_hash || ' ' || role AS key FROM api_keys WHERE seeded AND revoked_at IS NULL ORDER BY key",
};

function secretsOf(gameService: readonly string[], admin: readonly string[]) {
  return { JWT_SECRET: [], ACTION_TOKEN_SECRET: [], GAME_SERVICE_API_KEY: gameService, ADMIN_API_KEY: admin };
}

function expectedKeys(gameService: readonly string[], admin: readonly string[]): string[] {
  const hash = (key: string) => createHash('sha256').update(key).digest('hex');
  return [
    ...gameService.map((key) => `${hash(key)} game_service`),
    ...admin.map((key) => `${hash(key)} admin`),
  ].sort();
}

describe.each(['postgres', 'embedded'] as const)('seeding API keys on the %s store', (store) => {
  let db: Database;
  beforeAll(async () => {
    db = await openTestStore(store);
  });

  const seed = async (gameService: readonly string[], admin: readonly string[]) =>
    await seedApiKeys({ db, secrets: secretsOf(gameService, admin) });
  const seeded = async () => (await db.run<{ key: string }>(listSeeded, [])).map(({ key }) => key);

  it.each([
    ['new ones', ['gs-1'], ['op-1']],
    ['the same ones again', ['gs-1'], ['op-1']],
    ['one more of each', ['gs-2', 'gs-1'], ['op-2', 'op-1']],
    ['without the old ones', ['gs-2'], ['op-2']],
    ['an old one again', ['gs-1'], ['op-2']],
    ['one that changes its role', ['op-2'], ['gs-1']],
    ['one that is listed twice', ['gs-3', 'gs-3'], ['op-3']],
    ['none', [], []],
  ])('makes them exactly those listed: %s', async (_name, gameService, admin) => {
    await seed(gameService, admin);
    expect(await seeded()).toEqual(expectedKeys([...new Set(gameService)], admin));
  });

  it('leaves keys alone that operators made', async () => {
    const service = await startTestService({ db });
    const { body } = await service.request<ApiKeyBody>('/v1/admin/api-keys', {
      token: service.keys.operator,
      body: { name: 'made', role: 'admin' },
    });
    await seed(['gs-4'], ['op-4']);
    const answer = await service.request('/v1/admin/api-keys', {
      token: body.api_key,
      body: { name: 'still works', role: 'admin' },
    });
    expect(answer.status).toBe(201);
  });
});

describe('processes that seed API keys at once', () => {
  it('agree, and with different lists one of them has the last word', async () => {
    const { url } = await createTestDatabase();
    const processes = Array.from({ length: 10 }, () =>
      connectPostgres({ url, poolSize: 2, caFile: undefined, onIdleError: () => {} }),
    );
    cleanUp(async () => void (await Promise.all(processes.map(async (db) => await db.close()))));
    const lists = ['old', 'new'].map((age) => ({
      gameService: [`gs-${age}`],
      admin: [`op-${age}`, 'op-both'],
    }));
    const endings = lists.map((list) => expectedKeys(list.gameService, list.admin));

    for (let round = 0; round < 10; round += 1) {
      await Promise.all(
        processes.map(async (db, n) => {
          const { gameService, admin } = lists[n % 2] ?? { gameService: [], admin: [] };
          await seedApiKeys({ db, secrets: secretsOf(gameService, admin) });
        }),
      );
      const keys = await processes[0]?.run<{ key: string }>(listSeeded, []);
      expect(endings).toContainEqual(keys?.map(({ key }) => key));
    }
  });
});
