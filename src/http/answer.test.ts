import { Hono } from 'hono';
import { expect, test } from 'vitest';

import { answer, answerJson, completeAnswers, dropHeader, setHeaders } from './answer.ts';
import type { AppEnv } from './factory.ts';

const app = new Hono<AppEnv>();
app.use(completeAnswers, async (c, next) => {
  setHeaders(c, { 'X-Before': 'before', 'Cache-Control': 'no-cache' });
  await next();
});
app.onError((_, c) => answer(c, 'failed', 500));
app.get('/json', (c) => answerJson(c, { a: 1 }, 201, { 'Cache-Control': 'no-store' }));
app.get('/text', (c) => c.text('text', 200, { 'Cache-Control': 'no-store' }));
app.get('/empty', (c) => answer(c, null, 204));
app.get('/dropped', (c) => {
  dropHeader(c, 'X-Before');
  return answer(c, '', 200);
});
app.get('/failing', (c) => {
  setHeaders(c, { 'X-Late': 'late' });
  throw new Error('no');
});

test.each([
  ['/json', 201, '{"a":1}', { 'content-type': 'application/json', 'cache-control': 'no-store' }],
  ['/text', 200, 'text', { 'content-type': 'text/plain; charset=UTF-8', 'cache-control': 'no-store' }],
  ['/empty', 204, '', { 'cache-control': 'no-cache' }],
  ['/failing', 500, 'failed', { 'cache-control': 'no-cache', 'x-late': 'late' }],
  ['/nowhere', 404, '404 Not Found', { 'cache-control': 'no-cache' }],
])('%s has the headers of its request, and its own before them', async (path, status, body, headers) => {
  const response = await app.request(path);
  expect({ status: response.status, body: await response.text() }).toEqual({ status, body });
  expect(Object.fromEntries(response.headers)).toMatchObject({ 'x-before': 'before', ...headers });
});

test('a header that was dropped is gone', async () => {
  expect((await app.request('/dropped')).headers.has('X-Before')).toBe(false);
});
