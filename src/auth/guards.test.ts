import { randomUUID } from 'node:crypto';

import { SignJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';

import { createLeaderboard, registerPlayer, type TestPlayer } from '../../test/harness/play.ts';
import { startTestService, type TestService } from '../../test/harness/service.ts';
import { testSecrets } from '../../test/harness/test-config.ts';

const promote = { name: 'test_promote', text: "UPDATE users SET role = 'admin' WHERE id = $1" };
const deleteUser = { name: 'test_delete_user', text: 'DELETE FROM users WHERE id = $1' };
const expire = {
  name: 'test_expire',
  text: "UPDATE sessions SET expires_at = now() - interval '1 second' WHERE user_id = $1",
};

const codeOf = { 200: undefined, 201: undefined, 401: 'unauthenticated', 403: 'forbidden' };

describe('a guard', () => {
  let service: TestService;
  let player: TestPlayer;
  let admin: TestPlayer;

  beforeAll(async () => {
    service = await startTestService();
    player = await registerPlayer(service);
    admin = await registerPlayer(service);
    await service.db.run(promote, [admin.userId]);
  });

  const profile = async (token: string, headers = {}) =>
    await service.request('/v1/users/me', { token, headers });
  const endpoints = {
    player: async (token?: string) => await service.request('/v1/users/me', { token }),
    gameService: async (token?: string) =>
      await service.request('/v1/actions', { token, body: { user_id: player.userId, max_score: 1 } }),
    operator: async (token?: string) =>
      await service.request('/v1/admin/leaderboards/guarded', {
        method: 'PUT',
        token,
        body: { title: 'Guarded' },
      }),
  };
  const callers = {
    player: () => player.accessToken,
    admin: () => admin.accessToken,
    gameService: () => service.keys.gameService,
    operator: () => service.keys.operator,
    stranger: () => undefined,
    impostor: () => 'laurel_op_that-nobody-has-ever-made',
  };

  it.each([
    ['player', { player: 200, admin: 200, gameService: 403, operator: 403, stranger: 401, impostor: 401 }],
    [
      'gameService',
      { player: 403, admin: 403, gameService: 201, operator: 403, stranger: 401, impostor: 401 },
    ],
    ['operator', { player: 403, admin: 200, gameService: 403, operator: 200, stranger: 401, impostor: 401 }],
  ] as const)('for a %s lets only that caller pass', async (endpoint, expected) => {
    await endpoints.operator(service.keys.operator);
    for (const [caller, status] of Object.entries(expected)) {
      const answer = await endpoints[endpoint](callers[caller as keyof typeof callers]());
      const { code } = answer.body;
      expect({ caller, status: answer.status, code }).toEqual({ caller, status, code: codeOf[status] });
    }
  });

  it('tells how to authenticate', async () => {
    const { headers } = await endpoints.player();
    expect(headers.get('WWW-Authenticate')).toBe('Bearer realm="laurel"');
  });

  it.each([
    ['another scheme', (token: string) => `Basic ${token}`],
    ['no scheme', (token: string) => token],
    ['no credential', () => 'Bearer'],
    ['two credentials', (token: string) => `Bearer ${token} ${token}`],
    ['two headers in one', (token: string) => `Bearer ${token}, Bearer ${token}`],
    ['an empty header', () => ''],
  ])('refuses %s', async (_name, authorization) => {
    const answer = await profile('', { Authorization: authorization(player.accessToken) });
    expect(answer).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
  });

  it('takes the scheme in any case', async () => {
    const answer = await profile('', { Authorization: `bearer ${player.accessToken}` });
    expect(answer.status).toBe(200);
  });

  it.each([
    ['the refresh token', () => player.refreshToken],
    ['a token without its signature', () => player.accessToken.replace(/[^.]+$/, '')],
    ['a token of this secret with another session', async () => await forge(player.userId, randomUUID())],
    [
      "a player's token with another player's session",
      async () => await forge(admin.userId, sessionOf(player)),
    ],
    ['a long text', () => 'a'.repeat(8000)],
    ['three words', () => 'a.b.c'],
    ['a header that is JSON and no object', () => `${Buffer.from('null').toString('base64url')}.e30.x`],
    ['a header whose alg is a number', () => `${Buffer.from('{"alg":5}').toString('base64url')}.e30.x`],
    [
      'an asymmetric token without an identity provider',
      () => `${Buffer.from('{"alg":"RS256"}').toString('base64url')}.e30.x`,
    ],
  ])('refuses %s', async (_name, make) => {
    const { status, body, text } = await profile(await make());
    expect([status, body.code]).toEqual([401, 'unauthenticated']);
    expect(text).not.toContain(player.accessToken);
  });

  it('refuses an access token 15 minutes and 5 seconds after it was made', async () => {
    const own = await startTestService({ db: service.db });
    const { accessToken } = await registerPlayer(own);
    own.clock.advance(904_000);
    expect(await own.request('/v1/users/me', { token: accessToken })).toMatchObject({ status: 200 });
    own.clock.advance(1001);
    expect(await own.request('/v1/users/me', { token: accessToken })).toMatchObject({ status: 401 });
  });

  it.each([
    ['the account was deleted', deleteUser],
    ['the session has expired', expire],
  ])('refuses an access token within five seconds after %s', async (_name, change) => {
    const { accessToken, userId } = await registerPlayer(service);
    expect(await profile(accessToken)).toMatchObject({ status: 200 });
    await service.db.run(change, [userId]);
    service.clock.advance(5001);
    expect(await profile(accessToken)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
  });

  it('reads the role from the account, not from the token', async () => {
    const claimed = await forge(player.userId, sessionOf(player), { role: 'admin' });
    expect(await endpoints.operator(claimed)).toMatchObject({ status: 403 });
  });

  it('for players where one is needed lets anyone read a named player, and players alone read "me"', async () => {
    const board = await createLeaderboard(service);
    const position = async (userId: string, token?: string) =>
      await service.request(`/v1/leaderboards/${board}/users/${userId}`, { token });
    for (const token of [undefined, player.accessToken, 'nobody', service.keys.operator]) {
      expect(await position(player.userId, token)).toMatchObject({
        status: 404,
        body: { code: 'not_ranked' },
      });
    }
    expect(await position('me', player.accessToken)).toMatchObject({
      status: 404,
      body: { code: 'not_ranked' },
    });
    expect(await position('me')).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    expect(await position('me', 'nobody')).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    expect(await position('me', service.keys.operator)).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
  });

  /** What only somebody who knows the secret could sign. */
  async function forge(userId: string, sessionId: string, claims = {}): Promise<string> {
    return await new SignJWT({ ...claims, sid: sessionId })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(userId)
      .setIssuer('laurel')
      .setAudience('laurel')
      .setExpirationTime('10m')
      .sign(new TextEncoder().encode(testSecrets.JWT_SECRET));
  }
});

function sessionOf({ refreshToken }: TestPlayer): string {
  return refreshToken.split('.')[0] ?? '';
}
