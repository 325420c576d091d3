import { type IncomingMessage, request } from 'node:http';

import { describe, expect, test } from 'vitest';

import { startTestService } from './harness/service.ts';

const service = await startTestService({
  env: { CORS_ORIGINS: 'https://game.example,https://other.example' },
  listening: true,
});

/** Of the OWASP Secure Headers Project. */
const securityHeaders = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=15552000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-dns-prefetch-control': 'off',
  'x-download-options': 'noopen',
  'x-frame-options': 'SAMEORIGIN',
  'x-permitted-cross-domain-policies': 'none',
  'x-xss-protection': '0',
};

describe('every answer', () => {
  test.each([
    ['GET', '/'],
    ['HEAD', '/'],
    ['GET', '/?board=nowhere'],
    ['GET', '/v1/leaderboards'],
    ['GET', '/v1/leaderboards/global'],
    ['HEAD', '/v1/leaderboards/global'],
    ['GET', '/v1/nowhere'],
    ['GET', '/v1/users/me'],
    ['POST', '/v1/scores'],
    ['OPTIONS', '/v1/scores'],
    ['GET', '/health/live'],
    ['GET', '/metrics'],
    ['GET', '/openapi.json'],
    ['GET', '/docs'],
    ['GET', '/docs/assets/start.js'],
    ['GET', '/docs/assets/swagger-ui.css'],
  ])('to %s %s carries a request id and the security headers', async (method, path) => {
    const response = await fetch(`${service.url}${path}`, { method });
    await response.arrayBuffer();
    const { headers } = response;
    expect(headers.get('X-Request-Id')).toMatch(/^[\w-]{36}$/);
    expect(Object.fromEntries(headers)).toMatchObject(securityHeaders);
    expect(headers.get('X-Powered-By')).toBeNull();
  });
});

describe('a request id', () => {
  test('of the caller comes back', async () => {
    const { headers, body } = await service.request('/v1/nowhere', {
      headers: { 'X-Request-Id': 'trace_0123-abc' },
    });
    expect(headers.get('X-Request-Id')).toBe('trace_0123-abc');
    expect(body.request_id).toBe('trace_0123-abc');
  });

  test.each(['two words', '<script>', 'a'.repeat(300), 'naïve', '{"a":1}'])(
    'that is not sane is replaced: %s',
    async (id) => {
      const { headers } = await service.request('/v1/nowhere', { headers: { 'X-Request-Id': id } });
      expect(headers.get('X-Request-Id')).toMatch(/^[0-9a-f-]{36}$/);
    },
  );
});

describe('a request that no route takes', () => {
  test.each([
    ['GET', '/v1/nowhere'],
    ['GET', '/V1/leaderboards'],
    ['DELETE', '/v1/leaderboards'],
    ['POST', '/v1/leaderboards/global'],
    ['GET', '/.env'],
  ])('%s %s is a problem', async (method, path) => {
    const { status, headers, body } = await service.request(path, { method });
    expect(status).toBe(404);
    expect(headers.get('Content-Type')).toMatch(/^application\/problem\+json/);
    expect(body).toMatchObject({ code: 'not_found', status: 404 });
  });
});

describe('a Host', () => {
  test.each([
    ['game.example', 200],
    ['GAME.example:99', 200],
    ['[::1]:3000', 200],
    ['1.2.3.4.5', 400],
    ['1.2.3.256', 400],
    ['xn--', 400],
    ['a b', 400],
  ])('of %j is answered with %i', async (host, status) => {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request(`${service.url}/v1/leaderboards`, { headers: { Host: host } }, resolve)
        .on('error', reject)
        .end();
    });
    response.resume();
    expect(response.statusCode).toBe(status);
  });
});

describe('a body', () => {
  const login = (body: string, headers = {}) =>
    service.request('/v1/auth/login', { method: 'POST', body, headers });
  const padded = (bytes: number) => {
    const empty = JSON.stringify({ username: 'kim', password: '' });
    return JSON.stringify({ username: 'kim', password: 'x'.repeat(bytes - empty.length) });
  };

  test('of 16 KiB is read', async () => {
    const { body } = await login(padded(16 * 1024));
    expect(body.code).toBe('invalid_request');
  });

  test('above 16 KiB is refused', async () => {
    expect(await login(padded(16 * 1024 + 1))).toMatchObject({
      status: 413,
      body: { code: 'body_too_large' },
    });
  });

  test('that does not say how long it is is refused above 16 KiB too', async () => {
    const stream = new Blob([padded(16 * 1024 + 1)]).stream();
    const headers = { 'Content-Type': 'application/json' };
    const request = new Request('http://localhost/v1/auth/login', {
      method: 'POST',
      headers,
      body: stream,
      duplex: 'half',
    });
    expect((await service.app.request(request)).status).toBe(413);
  });

  test('that is not declared as JSON is refused', async () => {
    const answer = await login('username=kim', { 'Content-Type': 'application/x-www-form-urlencoded' });
    expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });
  });

  test('that is not JSON is refused', async () => {
    expect(await login('{"username":')).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
  });
});

describe('a page of another origin', () => {
  const preflight = (origin: string) =>
    service.request('/v1/scores', {
      method: 'OPTIONS',
      headers: {
        Origin: origin,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'authorization,content-type',
      },
    });

  test('that is listed may call, without cookies', async () => {
    const { status, headers } = await preflight('https://game.example');
    expect(status).toBe(204);
    expect(headers.get('Access-Control-Allow-Origin')).toBe('https://game.example');
    expect(headers.get('Access-Control-Allow-Methods')?.split(',')).toContain('POST');
    const allowed = headers.get('Access-Control-Allow-Headers')?.toLowerCase().split(',');
    // The last two of a client that reads a stream by itself.
    for (const name of ['authorization', 'content-type', 'last-event-id', 'cache-control'])
      expect(allowed).toContain(name);
    expect(headers.get('Access-Control-Allow-Credentials')).toBeNull();
    expect(headers.get('Vary')).toMatch(/origin/i);
  });

  test('that is not listed may not', async () => {
    const { headers } = await preflight('https://evil.example');
    expect(headers.get('Access-Control-Allow-Origin')).toBeNull();
  });

  test('can read the headers that it needs, of failures too', async () => {
    const { headers } = await service.request('/v1/nowhere', {
      headers: { Origin: 'https://other.example' },
    });
    expect(headers.get('Access-Control-Allow-Origin')).toBe('https://other.example');
    const exposed = headers.get('Access-Control-Expose-Headers')?.split(',') ?? [];
    for (const name of [
      'ETag',
      'X-Request-Id',
      'Retry-After',
      'Idempotent-Replayed',
      'X-Leaderboard-Source',
    ]) {
      expect(exposed).toContain(name);
    }
  });

  test('may be any by default', async () => {
    const open = await startTestService({ db: service.db });
    const { headers } = await open.request('/v1/leaderboards', {
      headers: { Origin: 'https://any.example' },
    });
    expect(headers.get('Access-Control-Allow-Origin')).toBe('*');
  });
});
