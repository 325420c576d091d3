import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';

import { AppError, errorCodes, unavailable } from '../errors.ts';
import type { AppEnv } from './factory.ts';
import { onError, onNotFound, Problem, statusOf } from './problem.ts';
import { requestId } from './request-id.ts';

/** The answer to a request whose handler throws `error`, and what was logged. */
async function answerTo(error: Error) {
  const logged: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) });
  const app = new Hono<AppEnv>();
  app.use(requestId, async (c, next) => {
    c.set('log', log);
    await next();
  });
  app.onError(onError);
  app.notFound(onNotFound);
  app.get('/', () => {
    throw error;
  });
  const response = await app.request('/');
  return { response, problem: Problem.parse(await response.json()), logged: logged.join('') };
}

describe('a problem', () => {
  test.each(errorCodes)('with code %s has its status, type and title', async (code) => {
    const { response, problem } = await answerTo(new AppError(code, 'what happened'));
    expect(response.status).toBe(statusOf[code]);
    expect(response.headers.get('Content-Type')).toBe('application/problem+json; charset=utf-8');
    expect(response.headers.get('Cache-Control')).toBe('no-store');
    expect(problem).toMatchObject({ code, status: statusOf[code], type: expect.stringMatching(`#${code}$`) });
    expect(problem.title).not.toBe('');
    expect(problem.request_id).toBe(response.headers.get('X-Request-Id'));
  });

  test('tells the client its details', async () => {
    const details = [{ path: 'score_delta', message: 'must be at most 100' }];
    const { problem } = await answerTo(
      new AppError('score_delta_exceeds_max', 'score_delta 250 is too much', { details }),
    );
    expect(problem).toMatchObject({ detail: 'score_delta 250 is too much', errors: details });
  });

  test('asks for credentials with 401, as RFC 9110, 11.6.1 demands', async () => {
    const { response } = await answerTo(new AppError('unauthenticated', 'no token'));
    expect(response.headers.get('WWW-Authenticate')).toBe('Bearer realm="laurel"');
  });

  test('says when to come back', async () => {
    const { response, problem } = await answerTo(unavailable('busy', { retryAfterSeconds: 7 }));
    expect(response.headers.get('Retry-After')).toBe('7');
    expect(problem.code).toBe('unavailable');
  });

  test('of the framework becomes ours', async () => {
    const { problem } = await answerTo(new HTTPException(400, { message: 'Malformed JSON in request body' }));
    expect(problem).toMatchObject({ code: 'invalid_request', detail: 'Malformed JSON in request body' });
  });
});

describe('a failure of ours', () => {
  test('tells the client nothing of its cause, and the log all of it', async () => {
    const cause = new Error('SELECT * FROM users WHERE password_hash = $1');
    const { response, problem, logged } = await answerTo(new Error('secret plan', { cause }));
    expect(response.status).toBe(500);
    expect(problem.code).toBe('internal_error');
    expect(JSON.stringify(problem)).not.toMatch(/secret plan|SELECT|users/);
    expect(logged).toContain('secret plan');
    expect(logged).toContain(problem.request_id);
  });

  test('is a 503 that may be tried again when the database did not answer', async () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED 10.0.0.5:5432'), { code: 'ECONNREFUSED' });
    const { response, problem, logged } = await answerTo(new Error('query failed', { cause }));
    expect(response.status).toBe(503);
    expect(response.headers.get('Retry-After')).toBe('1');
    expect(JSON.stringify(problem)).not.toMatch(/10\.0\.0\.5|database/);
    expect(logged).toContain('ECONNREFUSED');
  });

  test('that says it is unavailable keeps its message to itself', async () => {
    const { problem } = await answerTo(unavailable('the queue of passwords is full'));
    expect(problem.detail).not.toContain('passwords');
  });
});

test('an unknown path is a 404 that quotes at most 200 characters of it', async () => {
  const app = new Hono<AppEnv>().use(requestId);
  app.notFound(onNotFound);
  const response = await app.request(`/${'x'.repeat(5000)}`);
  const { code, detail } = Problem.parse(await response.json());
  expect(response.status).toBe(404);
  expect(code).toBe('not_found');
  expect(detail.length).toBeLessThan(300);
});
