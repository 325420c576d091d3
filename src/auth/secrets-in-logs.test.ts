import { expect, it } from 'vitest';

import { cleanUp } from '../../test/harness/cleanup.ts';
import { createTestDatabase } from '../../test/harness/database.ts';
import { startProcess } from '../../test/harness/process.ts';
import { createTestRedis } from '../../test/harness/redis.ts';
import { testSecrets } from '../../test/harness/test-config.ts';
import { until } from '../../test/harness/until.ts';
import { connectPostgres } from '../db/index.ts';

interface AnswerBody {
  readonly user?: { readonly user_id: string };
  readonly access_token?: string;
  readonly refresh_token?: string;
  readonly api_key?: string;
  readonly action_token?: string;
}

interface Call {
  readonly method?: string;
  readonly token?: string | undefined;
  readonly body?: object | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Speaks to the service and remembers what must not be told. */
function createCaller(url: string) {
  const secrets = new Set<string>(Object.values(testSecrets));
  let requests = 0;
  const call = async (path: string, { method = 'POST', token, body, headers }: Call = {}) => {
    requests += 1;
    const response = await fetch(url + path, {
      method,
      headers: {
        'Content-Type': 'application/json',
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const answer = (await response.json().catch(() => ({}))) as AnswerBody;
    const { access_token, refresh_token, api_key, action_token } = answer;
    for (const secret of [access_token, refresh_token, api_key, action_token])
      if (secret !== undefined) secrets.add(secret);
    return { status: response.status, ...answer };
  };
  return { call, secrets, countRequests: () => requests };
}

/** A token, what it says, and its signature alone. */
function partsOf(secret: string): string[] {
  const [, payload = secret, signature = payload] = secret.split(/[.:]/);
  return [secret, ...[payload, signature].filter((part) => part.length >= 20)];
}

it('writes no password, token, key or secret to its output, even at its most talkative', async () => {
  const { url: databaseUrl } = await createTestDatabase();
  const service = await startProcess({
    DATABASE_URL: databaseUrl,
    REDIS_URL: await createTestRedis(),
    LOG_LEVEL: 'trace',
    METRICS_EMF: 'true',
    TRUSTED_PROXY_HOPS: '1',
  });
  const { call, secrets, countRequests } = createCaller(service.url);
  const [password, wrong, next] = ['my-old-password', 'my-wrong-password', 'my-next-password'];
  for (const text of [password, wrong, next]) secrets.add(text);

  // Accounts, and attempts at them.
  await call('/v1/auth/register', { body: { username: 'kim', password } });
  await call('/v1/auth/register', { body: { username: 'kim', password } });
  await call('/v1/auth/register', { body: { username: 'k', password, extra: password } });
  await call('/v1/auth/register', { body: `{"username":"kim","password":"${password}` });
  await call('/v1/auth/login', { body: { username: 'kim', password: wrong } });
  await call('/v1/auth/login', { body: { username: 'nobody', password } });
  const {
    access_token: token,
    refresh_token,
    user,
  } = await call('/v1/auth/login', {
    body: { username: 'kim', password },
  });
  const change = { current_password: password, new_password: next };
  await call('/v1/users/me/password', { method: 'PUT', token, body: { ...change, current_password: wrong } });
  await call('/v1/users/me/password', { method: 'PUT', token, body: change });
  for (let n = 0; n < 3; n += 1) await call('/v1/auth/refresh', { body: { refresh_token } });
  const second = await call('/v1/auth/login', { body: { username: 'kim', password: next } });

  // Actions and scores, honest ones and others.
  const { access_token: player } = second;
  const action = { user_id: user?.user_id, max_score: 10 };
  const { action_token } = await call('/v1/actions', {
    token: testSecrets.GAME_SERVICE_API_KEY,
    body: action,
  });
  await call('/v1/scores', { token: player, body: { action_token, score_delta: 11 } });
  await call('/v1/scores', { token: player, body: { action_token: `${action_token}0`, score_delta: 1 } });
  expect(await call('/v1/scores', { token: player, body: { action_token, score_delta: 5 } })).toMatchObject({
    status: 200,
  });
  await call('/v1/scores', { token: player, body: { action_token, score_delta: 6 } });
  await call('/v1/scores', { token: action_token, body: { action_token: player, score_delta: 6 } });

  // Operators, and credentials where they do not belong.
  const { api_key } = await call('/v1/admin/api-keys', {
    token: testSecrets.ADMIN_API_KEY,
    body: { name: 'a key', role: 'admin' },
  });
  await call('/v1/admin/api-keys', { token: api_key, body: { name: 'a key', role: 'nobody' } });
  await call('/v1/users/me', { method: 'GET', token: testSecrets.GAME_SERVICE_API_KEY });
  await call(`/v1/leaderboards/global?access_token=${player}`, { method: 'GET' });
  await call(`/v1/leaderboards/${player}`, { method: 'GET' });
  await call(`/docs/assets/${api_key}`, { method: 'GET' });
  await call(`/nowhere/${player}`, { method: 'GET', headers: { Cookie: `token=${player}` } });

  // A failure, with a statement that has all of it in its parameters.
  const db = connectPostgres({ url: databaseUrl, poolSize: 1, caFile: undefined, onIdleError: () => {} });
  cleanUp(async () => await db.close());
  await db.run({ name: 'test_break', text: 'ALTER TABLE users RENAME COLUMN username TO name' }, []);
  const failing = { username: 'somebody', password };
  expect(await call('/v1/auth/register', { body: failing })).toMatchObject({ status: 500 });
  expect(await call('/v1/auth/login', { body: failing })).toMatchObject({ status: 500 });

  await until('every request is logged', () => {
    return service.logs.filter(({ msg }) => msg === 'request').length === countRequests();
  });
  const { stderr } = await service.stop();
  const written = service.logs.map((line) => JSON.stringify(line)).join('\n') + stderr;
  expect(written).toContain('request failed');
  expect(written).toContain('CloudWatchMetrics');
  expect(secrets.size).toBeGreaterThanOrEqual(14);
  for (const secret of [...secrets].flatMap(partsOf)) expect(written).not.toContain(secret);
  expect(written).not.toContain('$argon2id$');
});
