import { randomUUID } from 'node:crypto';

import { beforeAll, describe, expect, it } from 'vitest';

import { modes } from '../../test/harness/modes.ts';
import { registerPlayer, type TestPlayer, uniqueUsername } from '../../test/harness/play.ts';
import { startTestService, type TestService } from '../../test/harness/service.ts';
import { createAuth } from './auth.ts';
import { logIn } from './log-in.ts';
import type { TokensView } from './handlers.ts';

const insertExternalAccount = {
  name: 'test_insert_external',
  text: 'INSERT INTO users (id, username, external_subject) VALUES ($1, $2, $2)',
};

describe.each(modes)('logging in with %s', (mode) => {
  let service: TestService;
  let player: TestPlayer;

  beforeAll(async () => {
    service = await startTestService({ mode });
    player = await registerPlayer(service);
    await service.db.run(insertExternalAccount, [randomUUID(), 'external']);
  });

  const logIn = async (body: object) => await service.request<TokensView>('/v1/auth/login', { body });

  it('answers the account and the tokens of a new session', async () => {
    const { status, body } = await logIn({ username: player.username, password: player.password });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      user: { user_id: player.userId, username: player.username },
      token_type: 'Bearer',
      expires_in: 900,
    });
    await service.request('/v1/auth/logout', { method: 'POST', token: body.access_token });
    expect(await service.request('/v1/users/me', { token: player.accessToken })).toMatchObject({
      status: 200,
    });
  });

  it('takes the name in any case', async () => {
    const username = player.username.toUpperCase();
    const { status, body } = await logIn({ username, password: player.password });
    expect(status).toBe(200);
    expect(body.user.username).toBe(player.username);
  });

  it('refuses an unknown name, a wrong password and an account without one in the same words', async () => {
    const password = 'correct horse';
    const answers = [
      await logIn({ username: uniqueUsername(), password }),
      await logIn({ username: player.username, password }),
      await logIn({ username: player.username, password: player.password.toUpperCase() }),
      await logIn({ username: 'external', password }),
    ];
    const bodies = answers.map(({ body }) => ({ ...body, request_id: '' }));
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401]);
    expect(bodies[0]).toMatchObject({ code: 'invalid_credentials' });
    expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1);
  });

  it.each([
    ['a name that cannot exist', { username: "' OR 1=1 --" }],
    ['a name with a NUL', { username: 'kim\0kim' }],
    ['a password that is too long', { password: 'x'.repeat(129) }],
    ['a password that is an object', { password: { $ne: '' } }],
    ['no password', { password: undefined }],
    ['an unknown field', { remember: true }],
  ])('refuses %s', async (_name, change) => {
    const answer = await logIn({ username: player.username, password: player.password, ...change });
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
  });
});

describe('logging in', () => {
  it('verifies something for every name, so that all take as long', async () => {
    const service = await startTestService();
    const player = await registerPlayer(service);
    await service.db.run(insertExternalAccount, [randomUUID(), 'external']);
    const verified: unknown[] = [];
    const passwords = {
      hash: async () => await Promise.resolve(''),
      verify: async (hash: string | null | undefined) => {
        verified.push(hash);
        return await Promise.resolve(false);
      },
    };
    const auth = { ...createAuth({ ...service, clock: service.clock.now }), passwords };
    for (const username of [player.username, uniqueUsername(), 'external']) {
      const refused = logIn(auth, { username, password: 'wrong horse', userAgent: undefined });
      await expect(refused).rejects.toMatchObject({ code: 'invalid_credentials' });
    }
    expect(verified).toEqual([expect.stringMatching(/^\$argon2id\$/), undefined, null]);
  });
});

describe('a crowd that logs in', () => {
  it('is told to come back when too many passwords wait', async () => {
    const service = await startTestService();
    const answers = await Promise.all(
      Array.from(
        { length: 130 },
        async () =>
          await service.request('/v1/auth/login', {
            body: { username: uniqueUsername(), password: 'correct horse' },
          }),
      ),
    );
    const refused = answers.filter(({ status }) => status === 503);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.body).toMatchObject({ code: 'unavailable' });
    expect(refused[0]?.headers.get('Retry-After')).toBe('1');
    expect(answers.filter(({ status }) => status === 401).length).toBe(130 - refused.length);
  });
});
