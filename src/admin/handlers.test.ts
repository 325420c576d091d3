import { beforeAll, describe, expect, it } from 'vitest';

import { insertPlayers } from '../../test/harness/players.ts';
import { startTestService, type TestService } from '../../test/harness/service.ts';

interface CreatedKey {
  readonly api_key_id: string;
  readonly api_key: string;
}

describe('the endpoints of API keys', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await startTestService();
  });

  const create = async (body: unknown, token: string | undefined = service.keys.operator) =>
    await service.request<CreatedKey>('/v1/admin/api-keys', { token, body });
  const revoke = async (id: string, token: string | undefined = service.keys.operator) =>
    await service.request(`/v1/admin/api-keys/${id}`, { method: 'DELETE', token });

  it('forbid every cache to keep a key', async () => {
    const { headers } = await create({ name: 'secret', role: 'admin' });
    expect(headers.get('Cache-Control')).toBe('no-store');
  });

  it('revoke a key once, even for two who ask at the same time', async () => {
    const { body } = await create({ name: 'once', role: 'admin' });
    const answers = await Promise.all([revoke(body.api_key_id), revoke(body.api_key_id)]);
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([204, 404]);
  });

  it('let a key revoke itself', async () => {
    const { body } = await create({ name: 'last act', role: 'admin' });
    expect((await revoke(body.api_key_id, body.api_key)).status).toBe(204);
    expect((await revoke(body.api_key_id, body.api_key)).status).toBe(401);
  });

  it('keep a revoked key out when its revocation is no longer remembered', async () => {
    const { body } = await create({ name: 'forgotten', role: 'admin' });
    await revoke(body.api_key_id);
    service.clock.advance(900_001);
    expect((await revoke(crypto.randomUUID(), body.api_key)).status).toBe(401);
  });

  it('judge the caller before the body', async () => {
    const [player] = await insertPlayers(service.db, 1);
    expect((await create({ nonsense: true }, player?.accessToken)).status).toBe(403);
    expect((await create({ nonsense: true }, 'nobody')).status).toBe(401);
  });

  it.each(['a\u001b[31m', 'a\u0085', 'a\u202eb', 'a\u200bb', '\ufdd0'])(
    'refuse the name %j',
    async (name) => {
      expect(await create({ name, role: 'admin' })).toMatchObject({
        status: 400,
        body: { code: 'invalid_request', errors: [{ path: 'name' }] },
      });
    },
  );

  it.each(['x', '%00', "'%20OR%20true", '00000000-0000-7000-8000-00000000000'])(
    'refuse the id %s',
    async (id) => {
      expect(await revoke(id)).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    },
  );
});
