import { beforeAll, describe, expect, it } from 'vitest';

import { registerPlayer } from '../../test/harness/play.ts';
import { startTestService, type TestService } from '../../test/harness/service.ts';
import type { TokensView } from './handlers.ts';

describe('logging out', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService();
  });

  const logOut = async (token: string | undefined) =>
    await service.request('/v1/auth/logout', { method: 'POST', token });
  const profileStatus = async (token: string, at = service) =>
    (await at.request('/v1/users/me', { token })).status;

  it('ends the session at once, though it was remembered', async () => {
    const { accessToken } = await registerPlayer(service);
    expect(await profileStatus(accessToken)).toBe(200);
    const { status, text } = await logOut(accessToken);
    expect([status, text]).toEqual([204, '']);
    expect(await profileStatus(accessToken)).toBe(401);
    expect(await logOut(accessToken)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
  });

  it('stays in force when what was remembered is forgotten', async () => {
    const { accessToken } = await registerPlayer(service);
    await logOut(accessToken);
    service.clock.advance(899_000);
    expect(await profileStatus(accessToken)).toBe(401);
  });

  it('is noticed by another process within five seconds', async () => {
    const other = await startTestService({ db: service.db });
    const { accessToken } = await registerPlayer(other);
    expect(await profileStatus(accessToken, other)).toBe(200);
    await logOut(accessToken);
    other.clock.advance(5001);
    expect(await profileStatus(accessToken, other)).toBe(401);
  });

  it('leaves other sessions of the player alone', async () => {
    const { username, password, accessToken } = await registerPlayer(service);
    const { body: other } = await service.request<TokensView>('/v1/auth/login', {
      body: { username, password },
    });
    await logOut(accessToken);
    expect(await profileStatus(other.access_token)).toBe(200);
  });

  it.each([
    ['a stranger', () => undefined, 401, 'unauthenticated'],
    ['a game service', () => service.keys.gameService, 403, 'forbidden'],
    ['an operator with a key', () => service.keys.operator, 403, 'forbidden'],
  ])('is not for %s', async (_name, token, status, code) => {
    expect(await logOut(token())).toMatchObject({ status, body: { code } });
  });
});
