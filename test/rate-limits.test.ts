import { describe, expect, test } from 'vitest';

import { openTestStore } from './harness/database.ts';
import { insertPlayers, signTestAction } from './harness/players.ts';
import { registerPlayer, submitScore, uniqueUsername } from './harness/play.ts';
import { startTestService, type TestService } from './harness/service.ts';

const LIMIT = 3;
const db = await openTestStore('postgres');

/** A service behind one proxy, every limit of which is 3 a minute and not yet touched. */
async function startLimited(env: Readonly<Record<string, string>> = {}): Promise<TestService> {
  const limits = {
    RATE_LIMIT_ENABLED: 'true',
    RATE_LIMIT_SCORES_PER_MINUTE: String(LIMIT),
    RATE_LIMIT_READS_PER_MINUTE: String(LIMIT),
    RATE_LIMIT_AUTH_PER_MINUTE: String(LIMIT),
    TRUSTED_PROXY_HOPS: '1',
  };
  return await startTestService({ db, env: { ...limits, ...env } });
}

const from = (address: string) => ({ 'X-Forwarded-For': address });

interface Attempt {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** The answers to as many attempts, one after another. */
async function repeat(count: number, attempt: () => Promise<Attempt>): Promise<Attempt[]> {
  const answers: Attempt[] = [];
  while (answers.length < count) answers.push(await attempt());
  return answers;
}

/** Attempts pass three times, then no more, and again once the wait that the refusal asks for is over. */
async function expectLimit(service: TestService, attempt: () => Promise<Attempt>): Promise<void> {
  const admitted = await repeat(LIMIT, attempt);
  expect(admitted.map(({ status }) => status)).not.toContain(429);
  expect(admitted.map(({ headers }) => headers.get('RateLimit-Remaining'))).toEqual(['2', '1', '0']);

  const refused = await attempt();
  const retryAfter = Number(refused.headers.get('Retry-After'));
  expect(refused).toMatchObject({ status: 429, body: { code: 'rate_limited', status: 429 } });
  expect(refused.headers.get('Content-Type')).toMatch(/^application\/problem\+json/);
  expect(Object.fromEntries(refused.headers)).toMatchObject({
    'ratelimit-limit': '3',
    'ratelimit-remaining': '0',
    'ratelimit-reset': String(retryAfter),
    'ratelimit-policy': '3;w=60',
  });

  service.clock.advance((retryAfter - 1) * 1000);
  expect((await attempt()).status).toBe(429);
  service.clock.advance(1000);
  expect((await attempt()).status).not.toBe(429);
}

describe('an address', () => {
  test.each(['/v1/auth/register', '/v1/auth/login', '/v1/auth/refresh'])(
    'may POST %s three times a minute, whether the body is valid or not',
    async (path) => {
      const service = await startLimited();
      await expectLimit(service, () => service.request(path, { body: {} }));
    },
  );

  test.each([
    '/v1/leaderboards',
    '/v1/leaderboards/global',
    '/v1/leaderboards/NO',
    '/v1/leaderboards/global/users/me',
    '/v1/users/me',
    '/v1/users/me/score-events',
    '/docs',
    '/docs/errors',
    '/docs/assets/swagger-ui.css',
  ])('may GET %s three times a minute, whatever the answer', async (path) => {
    const service = await startLimited();
    await expectLimit(service, () => service.request(path));
  });

  test('has one quota for all reads, and another for accounts', async () => {
    const service = await startLimited();
    await service.request('/v1/leaderboards');
    await service.request('/v1/leaderboards/global');
    await service.request('/v1/users/me');
    expect((await service.request('/v1/leaderboards')).status).toBe(429);
    expect((await service.request('/v1/auth/refresh', { body: { refresh_token: 'x' } })).status).toBe(401);
  });

  test('is no other address', async () => {
    const service = await startLimited();
    const read = async (address: string) =>
      (await service.request('/v1/leaderboards', { headers: from(address) })).status;
    await repeat(LIMIT, () => service.request('/v1/leaderboards', { headers: from('203.0.113.1') }));
    expect(await read('203.0.113.1')).toBe(429);
    expect(await read('203.0.113.2')).toBe(200);
  });

  test('is what the trusted proxy saw, not what the client claims', async () => {
    const service = await startLimited();
    const claims = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4'];
    const statuses = [];
    for (const claim of claims) {
      const headers = from(`${claim}, 203.0.113.1`);
      statuses.push((await service.request('/v1/leaderboards', { headers })).status);
    }
    expect(statuses).toEqual([200, 200, 200, 429]);
  });

  test('is the peer when no proxy is trusted, whatever the header says', async () => {
    const service = await startLimited({ TRUSTED_PROXY_HOPS: '0' });
    const read = async (remoteAddress: string, claim: string) => {
      const bindings = { incoming: { socket: { remoteAddress } } };
      return (await service.app.request('/v1/leaderboards', { headers: from(claim) }, bindings)).status;
    };
    for (const claim of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) await read('198.51.100.1', claim);
    expect(await read('198.51.100.1', '192.0.2.4')).toBe(429);
    expect(await read('198.51.100.2', '192.0.2.1')).toBe(200);
  });

  test('is a whole /64 of IPv6', async () => {
    const service = await startLimited();
    const read = async (address: string) =>
      (await service.request('/v1/leaderboards', { headers: from(address) })).status;
    for (const host of ['::1', '::2', ':ffff::3']) await read(`2001:db8:1:2${host}`);
    expect(await read('2001:db8:1:2:3:4:5:6')).toBe(429);
    expect(await read('2001:db8:1:3::1')).toBe(200);
  });
});

describe('logging in to one name', () => {
  let calls = 0;
  /** Each from an address of its own. */
  async function logIn(service: TestService, username: string, password = 'a wrong password') {
    calls += 1;
    const headers = from(`203.0.113.${calls}`);
    return await service.request('/v1/auth/login', { body: { username, password }, headers });
  }

  test('is tried three times a minute, from any number of addresses', async () => {
    const service = await startLimited();
    await expectLimit(service, () => logIn(service, 'somebody'));
  });

  test('is counted without regard to case', async () => {
    const service = await startLimited();
    const names = ['Somebody', 'somebody', 'SOMEBODY', 'sOMEBODY'];
    const answers = [];
    for (const name of names) answers.push(await logIn(service, name));
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 429]);
  });

  test('is refused alike whether the name exists or not, and with the right password too', async () => {
    const service = await startLimited();
    const player = await registerPlayer(service);
    const unknown = uniqueUsername();
    const seen = async (username: string, password?: string) => {
      const { status, headers, body } = await logIn(service, username, password);
      const quota = ['RateLimit-Remaining', 'RateLimit-Reset', 'Retry-After'].map((name) =>
        headers.get(name),
      );
      return { status, quota, body: { ...body, request_id: '' } };
    };
    const answers = async (username: string) => [
      await seen(username),
      await seen(username),
      await seen(username),
      await seen(username, player.password),
    ];
    const ofPlayer = await answers(player.username);
    expect(ofPlayer.map(({ status }) => status)).toEqual([401, 401, 401, 429]);
    expect(await answers(unknown)).toEqual(ofPlayer);
  });

  test('is not counted when the body is not valid', async () => {
    const service = await startLimited();
    await repeat(LIMIT, () => logIn(service, 'somebody', 'short'));
    expect((await logIn(service, 'somebody')).status).toBe(401);
  });

  test('does not count against other names', async () => {
    const service = await startLimited();
    await repeat(LIMIT, () => logIn(service, 'somebody'));
    expect((await logIn(service, 'somebody-else')).status).toBe(401);
  });
});

describe('a player', () => {
  const onePlayer = async () => {
    const [player] = await insertPlayers(db, 1);
    if (player === undefined) throw new Error('no player was made');
    return player;
  };

  test('may send three scores a minute, whoever else plays at its address', async () => {
    const service = await startLimited();
    const player = await onePlayer();
    await expectLimit(service, () => submitScore(service, player, signTestAction(player.userId), 1));
    const other = await onePlayer();
    expect((await submitScore(service, other, signTestAction(other.userId), 1)).status).toBe(200);
  });

  test('has refused scores counted too, and what nobody is known to have sent not', async () => {
    const service = await startLimited();
    const player = await onePlayer();
    await repeat(LIMIT, () => submitScore(service, { accessToken: 'forged' }, 'x', 1));
    const answers = await repeat(LIMIT + 1, () => submitScore(service, player, 'x', 1));
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 429]);
  });

  test('keeps an action that was refused for its rate', async () => {
    const service = await startLimited();
    const player = await onePlayer();
    await repeat(LIMIT, () => submitScore(service, player, signTestAction(player.userId), 1));
    const token = signTestAction(player.userId);
    expect((await submitScore(service, player, token, 5)).status).toBe(429);
    service.clock.advance(60_000);
    expect(await submitScore(service, player, token, 5)).toMatchObject({ body: { total_score: 8 } });
  });

  test('may try three passwords a minute where a password is changed', async () => {
    const service = await startLimited();
    const { accessToken: token } = await registerPlayer(service);
    const body = { current_password: 'a guess', new_password: 'a new password' };
    await expectLimit(service, () =>
      service.request('/v1/users/me/password', { method: 'PUT', token, body }),
    );
  });

  test('cannot exceed its quota by sending at once', async () => {
    const service = await startLimited();
    const player = await onePlayer();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => submitScore(service, player, signTestAction(player.userId), 1)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(LIMIT);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(20 - LIMIT);
  });
});

test('a page that was not modified tells what remains too', async () => {
  const service = await startLimited();
  const { headers } = await service.request('/v1/leaderboards/global');
  const again = await service.request('/v1/leaderboards/global', {
    headers: { 'If-None-Match': headers.get('ETag') ?? '' },
  });
  expect(again.status).toBe(304);
  expect(again.headers.get('RateLimit-Remaining')).toBe('1');
});

test('limits that are off refuse nothing and say nothing', async () => {
  const service = await startLimited({ RATE_LIMIT_ENABLED: 'false' });
  const answers = await repeat(2 * LIMIT, () => service.request('/v1/leaderboards'));
  expect(answers.map(({ status }) => status)).toEqual(Array(2 * LIMIT).fill(200));
  expect(answers.flatMap(({ headers }) => [...headers.keys()]).join()).not.toMatch(/ratelimit|retry-after/);
});

test('the OpenAPI document names 429 and its headers where, and only where, a route is limited', async () => {
  const service = await startLimited({
    RATE_LIMIT_READS_PER_MINUTE: '1000',
    RATE_LIMIT_AUTH_PER_MINUTE: '1000',
  });
  const { body } = await service.request<Document>('/openapi.json');
  const operations = Object.entries(body.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
  );
  expect(operations.length).toBeGreaterThan(10);
  // One player for each, because some operations end a session or an account.
  const players = await insertPlayers(db, operations.length);
  for (const [index, { path, method, responses }] of operations.entries()) {
    const token = players[index]?.accessToken;
    const sent = path.replaceAll(/\{\w+\}/g, 'x');
    const options = { method: method.toUpperCase(), token, ...(method !== 'get' && { body: {} }) };
    const { headers } = await service.request(sent, options);
    const documented = Object.keys(responses['429']?.headers ?? {}).filter((name) => name !== 'X-Request-Id');
    const expected = headers.has('RateLimit-Limit')
      ? ['Retry-After', 'RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset', 'RateLimit-Policy']
      : [];
    expect(documented, `${method} ${path}`).toEqual(expected);
  }
});

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>;
}

interface DocumentedOperation {
  readonly responses: Readonly<Record<string, { readonly headers?: Readonly<Record<string, unknown>> }>>;
}
