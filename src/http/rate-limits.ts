import type { Context, Env, Input, MiddlewareHandler } from 'hono';

import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { RedisClient } from '../redis/index.ts';
import { clientAddress } from './client-address.ts';
import type { AppEnv } from './factory.ts';
import { rateLimit } from './rate-limit.ts';
import { createSharedWindowStore } from './shared-window-store.ts';
import type { SlidingWindow } from './sliding-window.ts';
import { createWindowStore, type HitStore } from './window-store.ts';

interface RateLimitsDependencies {
  readonly config: Pick<Config, 'rateLimits' | 'trustedProxyHops'>;
  readonly clock: Clock;
  /** Where all processes count together. */
  readonly redis?: RedisClient | undefined;
}

interface PlayerEnv extends Env {
  Variables: { caller: { readonly userId: string } };
}

interface UsernameInput extends Input {
  in: { json: { username: string } };
  out: { json: { username: string } };
}

export type RateLimits = ReturnType<typeof createRateLimits>;

const WINDOW_MS = 60_000;

/**
 * The limits that routes put into their chains: by address first of all, by player after authentication, by username
 * after validation. Each counts by itself, over all the routes that name it; turned off, it lets everything pass.
 */
export function createRateLimits({ config, clock, redis }: RateLimitsDependencies) {
  const { enabled, scoresPerMinute, readsPerMinute, authPerMinute } = config.rateLimits;
  const byAddress = (c: Context<AppEnv>) => clientAddress(c, config.trustedProxyHops);
  const byPlayer = (c: Context<PlayerEnv>) => c.get('caller').userId;
  // A username is one account in any case, so it is one key.
  const byUsername = (c: Context<Env, string, UsernameInput>) => c.req.valid('json').username.toLowerCase();

  function createStore(name: string, window: SlidingWindow): HitStore {
    const local = createWindowStore({ ...window, clock });
    return redis ? createSharedWindowStore({ ...window, redis, clock, name, local }) : local;
  }

  function perMinute<E extends Env, I extends Input>(
    name: string,
    limit: number,
    keyOf: (c: Context<E, string, I>) => string,
  ): MiddlewareHandler<E, string, I> {
    if (!enabled) return async (_, next) => await next();
    const window = { limit, windowMs: WINDOW_MS };
    return rateLimit<E, I>({ ...window, store: createStore(name, window), clock, keyOf });
  }

  return {
    readsByAddress: perMinute('reads-by-address', readsPerMinute, byAddress),
    authByAddress: perMinute('auth-by-address', authPerMinute, byAddress),
    logInByUsername: perMinute('log-in-by-username', authPerMinute, byUsername),
    passwordByPlayer: perMinute('password-by-player', authPerMinute, byPlayer),
    scoresByPlayer: perMinute('scores-by-player', scoresPerMinute, byPlayer),
  };
}
