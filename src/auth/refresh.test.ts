import { beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { modes } from '../../test/harness/modes.ts';
import { registerPlayer, type TestPlayer } from '../../test/harness/play.ts';
import { startTestService, type TestService } from '../../test/harness/service.ts';
import { testSecrets } from '../../test/harness/test-config.ts';
import type { TokensView } from './handlers.ts';
import { signRefreshToken } from './refresh-token.ts';

const expire = {
  name: 'test_expire',
  text: "UPDATE sessions SET expires_at = now() - interval '1 second' WHERE user_id = $1",
};

const daysLeft = {
  name: 'test_days_left',
  text: 'SELECT round(extract(epoch FROM expires_at - now()) / 86400)::int AS days FROM sessions WHERE user_id = $1',
};

const shorten = {
  name: 'test_shorten',
  text: "UPDATE sessions SET expires_at = now() + interval '1 minute' WHERE user_id = $1",
};

const deleteUser = { name: 'test_delete_user', text: 'DELETE FROM users WHERE id = $1' };

describe.each(modes)('refreshing with %s', (mode) => {
  let service: TestService;
  let player: TestPlayer;

  beforeAll(async () => {
    service = await startTestService({ mode });
  });
  beforeEach(async () => {
    player = await registerPlayer(service);
  });

  const refresh = async (refreshToken: unknown) =>
    await service.request<TokensView & { code?: string }>('/v1/auth/refresh', {
      body: { refresh_token: refreshToken },
    });
  const profileStatus = async (token: string) => (await service.request('/v1/users/me', { token })).status;

  it('answers the account and new tokens, again and again', async () => {
    let refreshToken = player.refreshToken;
    for (let round = 0; round < 3; round += 1) {
      const { status, body } = await refresh(refreshToken);
      expect(status).toBe(200);
      expect(body).toMatchObject({
        user: { user_id: player.userId, username: player.username },
        token_type: 'Bearer',
        expires_in: 900,
      });
      expect(body.refresh_token).not.toBe(refreshToken);
      expect(await profileStatus(body.access_token)).toBe(200);
      refreshToken = body.refresh_token;
    }
  });

  it('gives the session another 30 days', async () => {
    expect(await service.db.run(daysLeft, [player.userId])).toEqual([{ days: 30 }]);
    await service.db.run(shorten, [player.userId]);
    await refresh(player.refreshToken);
    expect(await service.db.run(daysLeft, [player.userId])).toEqual([{ days: 30 }]);
  });

  it('with a token that was used ends the session, for whoever holds its newest tokens too', async () => {
    const { body: newest } = await refresh(player.refreshToken);
    expect(await profileStatus(newest.access_token)).toBe(200);
    const reused = await refresh(player.refreshToken);
    expect(reused).toMatchObject({ status: 401, body: { code: 'refresh_token_reused' } });
    expect(await profileStatus(newest.access_token)).toBe(401);
    expect(await profileStatus(player.accessToken)).toBe(401);
    expect(await refresh(newest.refresh_token)).toMatchObject({
      status: 401,
      body: { code: 'unauthenticated' },
    });
  });

  it('with one token at once, by ten, succeeds once and ends the session', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, async () => await refresh(player.refreshToken)),
    );
    const won = answers.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    expect(answers.filter(({ body }) => body.code === 'refresh_token_reused')).toHaveLength(9);
    expect(await profileStatus(won[0]?.body.access_token ?? '')).toBe(401);
    expect(await refresh(won[0]?.body.refresh_token)).toMatchObject({ status: 401 });
  });

  it('leaves other sessions of the player alone when one was stolen', async () => {
    const { body: other } = await service.request<TokensView>('/v1/auth/login', {
      body: { username: player.username, password: player.password },
    });
    await refresh(player.refreshToken);
    await refresh(player.refreshToken);
    expect(await profileStatus(other.access_token)).toBe(200);
    expect((await refresh(other.refresh_token)).status).toBe(200);
  });

  it('is refused after logging out', async () => {
    await service.request('/v1/auth/logout', { method: 'POST', token: player.accessToken });
    expect(await refresh(player.refreshToken)).toMatchObject({
      status: 401,
      body: { code: 'unauthenticated' },
    });
  });

  it('is refused when the session has expired', async () => {
    await service.db.run(expire, [player.userId]);
    expect(await refresh(player.refreshToken)).toMatchObject({
      status: 401,
      body: { code: 'unauthenticated' },
    });
  });

  it('is refused when the account was deleted', async () => {
    await service.db.run(deleteUser, [player.userId]);
    expect(await refresh(player.refreshToken)).toMatchObject({
      status: 401,
      body: { code: 'unauthenticated' },
    });
  });

  it('does not end the session when the token was altered', async () => {
    const [sessionId, , signature] = player.refreshToken.split('.');
    await refresh(`${sessionId}.1.${signature}`);
    await refresh(signRefreshToken({ sessionId: sessionId ?? '', generation: 0 }, 'another secret'));
    expect((await refresh(player.refreshToken)).status).toBe(200);
  });

  it('refuses a signed token of a session that does not exist', async () => {
    const sessionId = '00000000-0000-7000-8000-000000000000';
    const token = signRefreshToken({ sessionId, generation: 0 }, testSecrets.JWT_SECRET);
    expect(await refresh(token)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
  });

  it.each([
    ['an access token', () => player.accessToken],
    ['nothing', () => ''],
    ['a NUL', () => '\0'],
    ['a long text', () => 'a'.repeat(16_000)],
  ])('refuses %s', async (_name, make) => {
    expect(await refresh(make())).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
  });

  it.each([null, 7, ['a'], undefined])('refuses %j as a token', async (token) => {
    expect(await refresh(token)).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', errors: [{ path: 'refresh_token' }] },
    });
  });
});

describe('tokens of an older JWT_SECRET', () => {
  it('work while it is listed, and are traded for ones of the first', async () => {
    const old = await startTestService();
    const player = await registerPlayer(old);
    const secret = 'the-secret-that-comes-next-0123456789';
    const rotating = await startTestService({
      db: old.db,
      env: { JWT_SECRET: `${secret},${testSecrets.JWT_SECRET}` },
    });
    const rotated = await startTestService({ db: old.db, env: { JWT_SECRET: secret } });
    const profile = { token: player.accessToken };
    expect(await rotating.request('/v1/users/me', profile)).toMatchObject({ status: 200 });
    expect(await rotated.request('/v1/users/me', profile)).toMatchObject({ status: 401 });

    const body = { refresh_token: player.refreshToken };
    expect(await rotated.request('/v1/auth/refresh', { body })).toMatchObject({ status: 401 });
    const { body: tokens } = await rotating.request<TokensView>('/v1/auth/refresh', { body });
    expect(await rotated.request('/v1/users/me', { token: tokens.access_token })).toMatchObject({
      status: 200,
    });
    const next = { refresh_token: tokens.refresh_token };
    expect(await rotated.request('/v1/auth/refresh', { body: next })).toMatchObject({ status: 200 });
  });
});
