import type { Context, Env, Input, MiddlewareHandler } from 'hono';
import { rateLimiter, type RateLimitInfo } from 'hono-rate-limiter';

import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';
import { setHeaders } from './answer.ts';
import type { SlidingWindow } from './sliding-window.ts';
import type { HitStore } from './window-store.ts';

interface RateLimitOptions<E extends Env, I extends Input> extends SlidingWindow {
  readonly store: HitStore;
  readonly clock: Clock;
  /** Names whom a request counts against. */
  readonly keyOf: (c: Context<E, string, I>) => string;
}

interface Quota {
  readonly limit: number;
  readonly windowMs: number;
  readonly remaining: number;
  /** Until more remains. */
  readonly resetSeconds: number;
}

/**
 * Lets the requests of one key pass `limit` times in any `windowMs` and tells every answer's client what remains, in
 * the fields of draft-ietf-httpapi-ratelimit-headers-06. Throws rate_limited.
 */
export function rateLimit<E extends Env = Env, I extends Input = Input>({
  limit,
  windowMs,
  store,
  clock,
  keyOf,
}: RateLimitOptions<E, I>): MiddlewareHandler<E, string, I> {
  const tellQuota = (c: Context): number => {
    const { remaining, resetTime } = c.get('rateLimit') as RateLimitInfo;
    const waitMs = (resetTime?.getTime() ?? 0) - clock();
    return tell(c, { limit, windowMs, remaining, resetSeconds: Math.max(1, Math.ceil(waitMs / 1000)) });
  };
  const count = rateLimiter<E, string, I>({
    limit,
    windowMs,
    store,
    keyGenerator: keyOf,
    standardHeaders: false,
    handler: (c) => {
      throw rateLimited(tellQuota(c));
    },
  });
  return async (c, next) =>
    await count(c, async () => {
      tellQuota(c);
      await next();
    });
}

/**
 * Writes the quota into the answer's headers, unless an earlier limit of the same route left a tighter one there.
 * Returns the seconds of the one that the client reads: a wait for one limit is no use while another is spent.
 */
function tell(c: Context, quota: Quota): number {
  const told = c.get('toldQuota') as Told | undefined;
  if (told !== undefined && isTighter(told, quota)) return told.resetSeconds;
  c.set('toldQuota', quota);
  setHeaders(c, {
    'RateLimit-Policy': `${quota.limit};w=${quota.windowMs / 1000}`,
    'RateLimit-Limit': String(quota.limit),
    'RateLimit-Remaining': String(quota.remaining),
    'RateLimit-Reset': String(quota.resetSeconds),
  });
  return quota.resetSeconds;
}

type Told = Pick<Quota, 'remaining' | 'resetSeconds'>;

function isTighter(one: Told, other: Told): boolean {
  if (one.remaining !== other.remaining) return one.remaining < other.remaining;
  return one.resetSeconds > other.resetSeconds;
}

function rateLimited(retryAfterSeconds: number): AppError {
  return new AppError('rate_limited', `too many requests: wait ${retryAfterSeconds} s`, {
    retryAfterSeconds,
  });
}
