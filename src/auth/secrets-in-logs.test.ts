import { expect, it } from 'vitest';

import { createTestDatabase } from '../../test/harness/database.ts';
import { startProcess } from '../../test/harness/process.ts';
import { testSecrets } from '../../test/harness/test-config.ts';
import { until } from '../../test/harness/until.ts';

interface Secrets {
  readonly access_token?: string;
  readonly refresh_token?: string;
  readonly api_key?: string;
}

it('writes no password, token, key or secret to the log, even at its most talkative', async () => {
  const { url: databaseUrl } = await createTestDatabase();
  const service = await startProcess({ DATABASE_URL: databaseUrl, LOG_LEVEL: 'trace' });
  const secrets = new Set<string>(Object.values(testSecrets));
  const call = async (path: string, body?: object | string, token?: string, method = 'POST') => {
    const response = await fetch(service.url + path, {
      method,
      headers: {
        'Content-Type': 'application/json',
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const answer = (await response.json().catch(() => ({}))) as Secrets;
    for (const secret of [answer.access_token, answer.refresh_token, answer.api_key])
      if (secret !== undefined) secrets.add(secret);
    return answer;
  };
  const [password, wrong, next] = ['my-old-password', 'my-wrong-password', 'my-next-password'];
  for (const text of [password, wrong, next]) secrets.add(text);

  await call('/v1/auth/register', { username: 'kim', password });
  await call('/v1/auth/register', { username: 'kim', password });
  await call('/v1/auth/register', { username: 'k', password, extra: password });
  await call('/v1/auth/register', `{"username":"kim","password":"${password}`);
  await call('/v1/auth/login', { username: 'kim', password: wrong });
  await call('/v1/auth/login', { username: 'nobody', password });
  const { access_token: token, refresh_token: refreshToken } = await call('/v1/auth/login', {
    username: 'kim',
    password,
  });
  await call('/v1/users/me/password', { current_password: wrong, new_password: next }, token, 'PUT');
  await call('/v1/users/me/password', { current_password: password, new_password: next }, token, 'PUT');
  for (let n = 0; n < 3; n += 1) await call('/v1/auth/refresh', { refresh_token: refreshToken });
  await call('/v1/users/me', undefined, token, 'GET');
  const key = await call('/v1/admin/api-keys', { name: 'a key', role: 'admin' }, testSecrets.ADMIN_API_KEY);
  await call('/v1/admin/api-keys', { name: 'a key', role: 'nobody' }, key.api_key);
  await call('/v1/users/me', undefined, testSecrets.GAME_SERVICE_API_KEY, 'GET');
  await call('/v1/auth/logout', undefined, token);
  expect(secrets.size).toBeGreaterThan(10);

  const requests = 15;
  await until('every request is logged', () => {
    return service.logs.filter(({ msg }) => msg === 'request').length >= requests;
  });
  const { stderr } = await service.stop();
  const written = service.logs.map((line) => JSON.stringify(line)).join('\n') + stderr;
  for (const secret of secrets) expect(written).not.toContain(secret);
  expect(written).not.toContain('$argon2id$');
});
