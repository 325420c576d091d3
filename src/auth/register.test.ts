import { decodeJwt } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';

import { modes } from '../../test/harness/modes.ts';
import { uniqueUsername } from '../../test/harness/play.ts';
import { startTestService, type TestService } from '../../test/harness/service.ts';
import type { TokensView } from './handlers.ts';

const countAccounts = {
  name: 'test_count_accounts',
  text: `
    SELECT count(DISTINCT u.id) AS users, count(s.id) AS sessions
    FROM users u LEFT JOIN sessions s ON s.user_id = u.id WHERE lower(u.username) = lower($1)`,
};

const readAccount = {
  name: 'test_read_account',
  text: 'SELECT u.*, s.* FROM users u JOIN sessions s ON s.user_id = u.id WHERE u.id = $1',
};

describe.each(modes)('registering with %s', (mode) => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService({ mode });
  });

  const register = async (body: object, headers = {}) =>
    await service.request<TokensView>('/v1/auth/register', { body, headers });

  it('answers the account and its tokens', async () => {
    const username = uniqueUsername();
    const { status, body } = await register({ username, password: 'correct horse' });
    expect(status).toBe(201);
    expect(body).toEqual({
      user: {
        user_id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/),
        username,
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
      },
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 900,
      refresh_token: expect.any(String),
    });
    expect(decodeJwt(body.access_token).sub).toBe(body.user.user_id);
  });

  it('begins a session: both tokens work', async () => {
    const { body } = await register({ username: uniqueUsername(), password: 'correct horse' });
    const profile = await service.request('/v1/users/me', { token: body.access_token });
    expect(profile).toMatchObject({ status: 200, body: body.user });
    const refreshed = await service.request('/v1/auth/refresh', {
      body: { refresh_token: body.refresh_token },
    });
    expect(refreshed.status).toBe(200);
  });

  it('stores neither the password nor a token', async () => {
    const { body } = await register(
      { username: uniqueUsername(), password: 'correct horse' },
      { 'User-Agent': `Game/1.0 ${'x'.repeat(400)}` },
    );
    const [row] = await service.db.run<Record<string, unknown>>(readAccount, [body.user.user_id]);
    expect(row).toMatchObject({ role: 'player', password_hash: expect.stringMatching(/^\$argon2id\$/) });
    expect(row?.['user_agent']).toHaveLength(256);
    const text = JSON.stringify(row);
    for (const secret of ['correct horse', body.access_token, body.refresh_token]) {
      expect(text).not.toContain(secret);
    }
  });

  it.each([
    ['a name of 3 characters', { username: 'K.1' }],
    ['a name of 32 characters', { username: '-_.'.padEnd(32, 'z') }],
    ['a password of 8 characters', { password: '12345678' }],
    ['a password of 128 characters', { password: 'x'.repeat(128) }],
    ['a password beyond ASCII', { password: 'pässwörd 🐎' }],
  ])('takes %s', async (_name, change) => {
    const answer = await register({ username: uniqueUsername(), password: 'correct horse', ...change });
    expect(answer.status, answer.text).toBe(201);
  });

  it.each([
    ['a name of 2 characters', { username: 'ab' }, 'username'],
    ['a name of 33 characters', { username: 'a'.repeat(33) }, 'username'],
    ['a name with a space', { username: 'kim lee' }, 'username'],
    ['a name beyond ASCII', { username: 'kïm' }, 'username'],
    ['a name with a line break at the end', { username: 'kim\n' }, 'username'],
    ['a name with a NUL', { username: 'kim\0' }, 'username'],
    ['a name with a lone surrogate', { username: 'kim\uD800' }, 'username'],
    ['a name that is a number', { username: 12345 }, 'username'],
    ['no name', { username: undefined }, 'username'],
    ['a password of 7 characters', { password: '1234567' }, 'password'],
    ['a password of 129 characters', { password: 'x'.repeat(129) }, 'password'],
    ['a password with a lone surrogate', { password: 'correct horse\uD800' }, 'password'],
    ['a password that is null', { password: null }, 'password'],
    ['no password', { password: undefined }, 'password'],
    ['an unknown field', { role: 'admin' }, 'body'],
  ])('refuses %s', async (_name, change, path) => {
    const username = uniqueUsername();
    const { status, body, text } = await register({ username, password: 'correct horse', ...change });
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'invalid_request', errors: [{ path }] });
    expect(text).not.toContain('correct horse');
  });

  it('refuses a name that is taken, whatever its case', async () => {
    const username = uniqueUsername();
    await register({ username, password: 'correct horse' });
    for (const other of [username, username.toUpperCase()]) {
      const answer = await register({ username: other, password: 'battery staple' });
      expect(answer).toMatchObject({
        status: 409,
        body: { code: 'username_taken', errors: [{ path: 'username', message: 'is taken' }] },
      });
    }
  });

  it('gives a name to one of twenty who ask for it at once, and leaves nothing of the others', async () => {
    const username = uniqueUsername();
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        const name = n % 2 === 0 ? username : username.toUpperCase();
        return await register({ username: name, password: `password ${n}` });
      }),
    );
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([
      201,
      ...Array<number>(19).fill(409),
    ]);
    expect(await service.db.run(countAccounts, [username])).toEqual([{ users: 1, sessions: 1 }]);
  });
});
