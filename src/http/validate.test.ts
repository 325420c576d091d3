import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

import { factory, type AppEnv } from './factory.ts';
import { onError } from './problem.ts';
import { queryInteger } from './query-integer.ts';
import { validate } from './validate.ts';
import { requestId } from './request-id.ts';

const Body = z.strictObject({
  name: z.string().min(3),
  scores: z.array(z.int()).default([]),
});
const app = new Hono<AppEnv>()
  .use(requestId)
  .onError(onError)
  .post('/', ...factory.createHandlers(validate('json', Body), (c) => c.json(c.req.valid('json'))))
  .get(
    '/',
    ...factory.createHandlers(validate('query', z.object({ limit: queryInteger(1, 100, 10) })), (c) =>
      c.json(c.req.valid('query')),
    ),
  );

async function post(body: string, contentType = 'application/json') {
  const response = await app.request('/', { method: 'POST', body, headers: { 'Content-Type': contentType } });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('a JSON body', () => {
  test('is parsed by its schema', async () => {
    expect(await post('{"name":"kim"}')).toEqual({ status: 200, body: { name: 'kim', scores: [] } });
  });

  test.each(['application/json; charset=utf-8', 'Application/JSON', 'application/json ;charset=UTF-8'])(
    'may be declared as %s',
    async (contentType) => {
      expect((await post('{"name":"kim"}', contentType)).status).toBe(200);
    },
  );

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/jsonp',
    'multipart/form-data',
    '',
  ])('is refused as %j', async (contentType) => {
    expect(await post('{"name":"kim"}', contentType)).toMatchObject({
      status: 415,
      body: { code: 'unsupported_media_type', detail: 'Content-Type must be application/json' },
    });
  });

  test.each(['', '{', '{"name":}', 'name=kim', '\u0000'])('that is not JSON is refused: %j', async (text) => {
    expect(await post(text)).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
  });

  test('tells every problem with its path', async () => {
    const { status, body } = await post('{"name":"x","scores":[1,2.5]}');
    expect(status).toBe(400);
    expect(body['errors']).toEqual([
      { path: 'name', message: expect.any(String) },
      { path: 'scores.1', message: expect.any(String) },
    ]);
    expect(body['detail']).toMatch(/^name: /);
  });

  test.each(['null', '[]', '"text"', '1'])('that is %s and no object is refused as a whole', async (text) => {
    expect(await post(text)).toMatchObject({ status: 400, body: { errors: [{ path: 'body' }] } });
  });

  test('may not bring unknown fields', async () => {
    expect(await post('{"name":"kim","role":"admin"}')).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', errors: [{ message: expect.stringContaining('role') }] },
    });
  });

  test('does not reach prototypes', async () => {
    expect(await post('{"name":"kim","__proto__":{"role":"admin"}}')).toMatchObject({ status: 400 });
  });
});

describe('an integer of the query', () => {
  test.each([
    ['', 10],
    ['?limit=1', 1],
    ['?limit=100', 100],
    ['?limit=007', 7],
  ])('is read from "%s"', async (query, limit) => {
    expect(await (await app.request(`/${query}`)).json()).toEqual({ limit });
  });

  test.each([
    '?limit=0',
    '?limit=101',
    '?limit=',
    '?limit=1.0',
    '?limit=1e1',
    '?limit=-1',
    '?limit=0x1',
    '?limit=1&limit=2',
  ])('is refused in "%s"', async (query) => {
    const response = await app.request(`/${query}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      errors: [{ path: 'limit', message: 'must be a whole number from 1 to 100' }],
    });
  });
});
