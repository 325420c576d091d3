import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';

import { completeAnswers } from './answer.ts';
import type { AppEnv } from './factory.ts';
import { onError } from './problem.ts';
import { rateLimit } from './rate-limit.ts';
import { createWindowStore } from './window-store.ts';
import { requestId } from './request-id.ts';

const WINDOW_MS = 60_000;

/** An app whose route is limited once for each limit, by the header that has its name. */
function createApp(limits: Readonly<Record<string, number>>) {
  const clock = { now: Date.UTC(2026, 0, 1) };
  const app = new Hono<AppEnv>().use(completeAnswers, requestId).onError(onError);
  for (const [header, limit] of Object.entries(limits)) {
    const window = { limit, windowMs: WINDOW_MS, clock: () => clock.now };
    const keyOf = (c: { req: { header(name: string): string | undefined } }) =>
      c.req.header(header) ?? 'none';
    app.use(rateLimit({ ...window, store: createWindowStore(window), keyOf }));
  }
  app.get('/', (c) => c.text('passed'));
  const request = async (headers: Readonly<Record<string, string>> = {}) =>
    quotaOf(await app.request('/', { headers }));
  return { clock, request };
}

function quotaOf({ status, headers }: Response) {
  const number = (name: string) => (headers.has(name) ? Number(headers.get(name)) : undefined);
  return {
    status,
    policy: headers.get('RateLimit-Policy'),
    limit: number('RateLimit-Limit'),
    remaining: number('RateLimit-Remaining'),
    reset: number('RateLimit-Reset'),
    retryAfter: number('Retry-After'),
  };
}

describe('a rate limit', () => {
  test('tells every answer what remains', async () => {
    const { request, clock } = createApp({ key: 2 });
    const told = { policy: '2;w=60', limit: 2 };
    expect(await request()).toEqual({ ...told, status: 200, remaining: 1, reset: 60, retryAfter: undefined });
    clock.now += 1500;
    expect(await request()).toEqual({ ...told, status: 200, remaining: 0, reset: 60, retryAfter: undefined });
    clock.now += 10_000;
    expect(await request()).toEqual({ ...told, status: 429, remaining: 0, reset: 50, retryAfter: 50 });
  });

  test('admits the refused after Retry-After, and not a second earlier', async () => {
    const { request, clock } = createApp({ key: 1 });
    await request();
    clock.now += 7300;
    const { retryAfter = 0 } = await request();
    clock.now += (retryAfter - 1) * 1000;
    expect(await request()).toMatchObject({ status: 429, retryAfter: 1 });
    clock.now += 1000;
    expect(await request()).toMatchObject({ status: 200 });
  });

  test('asks to wait at least a second', async () => {
    const { request, clock } = createApp({ key: 1 });
    await request();
    clock.now += WINDOW_MS - 1;
    expect(await request()).toMatchObject({ status: 429, reset: 1, retryAfter: 1 });
  });

  test('admits no more than its limit of requests that come at once', async () => {
    const { request } = createApp({ key: 10 });
    const answers = await Promise.all(Array.from({ length: 100 }, async () => await request()));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
    expect(answers.map(({ remaining }) => remaining).slice(0, 11)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0]);
  });

  test('counts keys apart', async () => {
    const { request } = createApp({ key: 1 });
    expect(await request({ key: 'one' })).toMatchObject({ status: 200 });
    expect(await request({ key: 'two' })).toMatchObject({ status: 200 });
    expect(await request({ key: 'one' })).toMatchObject({ status: 429 });
  });
});

describe('two rate limits on a route', () => {
  test.each([
    [{ first: 2, second: 5 }, '2;w=60'],
    [{ first: 5, second: 2 }, '2;w=60'],
  ])('of %j tell the tighter one', async (limits, policy) => {
    const { request } = createApp(limits);
    expect(await request()).toMatchObject({ policy, remaining: 1 });
  });

  test('ask to wait until both admit', async () => {
    const { request, clock } = createApp({ first: 2, second: 1 });
    await request({ first: 'x', second: 'y' });
    clock.now += 20_000;
    await request({ first: 'mine', second: 'other' });
    clock.now += 30_000;
    const { status, retryAfter = 0 } = await request({ first: 'mine', second: 'y' });
    expect({ status, retryAfter }).toEqual({ status: 429, retryAfter: 30 });
    clock.now += retryAfter * 1000;
    expect(await request({ first: 'mine', second: 'y' })).toMatchObject({ status: 200 });
  });
});
