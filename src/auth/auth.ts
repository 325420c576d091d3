import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Database } from '../db/index.ts';
import { gatherCalls } from '../gather-calls.ts';
import { hashApiKey } from './api-key-hash.ts';
import { type ApiKeyLookup, createApiKeyLookup } from './api-key-lookup.ts';
import { ACCESS_TOKEN_TTL_SECONDS, type AccessTokens, createAccessTokens } from './access-token.ts';
import type { RedisClient } from '../redis/index.ts';
import type { ApiKeyHolder, Player } from './caller.ts';
import { createExternalTokens, type ExternalTokens } from './external-token.ts';
import { createPasswordHasher, type PasswordHasher } from './password-hasher.ts';
import { findLiveSessions, type LiveSession } from './repository.ts';
import { createSeal } from './sealed-state.ts';
import { createSharedStates } from './shared-states.ts';
import { StateCache } from './state-cache.ts';

/** A session is remembered for at most this long: how late a log-out at another process is noticed. */
const STATE_TTL_MS = 5000;
/** Where the processes tell each other. */
const SHARED_STATE_TTL_MS = 1000;
/** Of sessions at once: each takes one of the connections that scores are written with. */
const MAX_LOOK_UPS = 2;

/** What the verbs of this feature work with. */
export interface Auth {
  readonly db: Database;
  readonly passwords: PasswordHasher;
  readonly accessTokens: AccessTokens;
  readonly externalTokens: ExternalTokens | undefined;
  /** The first signs refresh tokens, all verify. */
  readonly refreshSecrets: readonly string[];
  readonly sessions: StateCache<Player>;
  readonly externalPlayers: StateCache<Player>;
  readonly apiKeys: StateCache<ApiKeyHolder>;
  readonly lookUpApiKey: ApiKeyLookup;
  /** Finds a session that may be used now. */
  readonly lookUpSession: (sessionId: string) => Promise<LiveSession | undefined>;
}

interface AuthDependencies {
  readonly db: Database;
  readonly config: Pick<Config, 'secrets' | 'externalIssuer'>;
  readonly clock: Clock;
  readonly redis?: RedisClient | undefined;
}

export function createAuth({ db, config, clock, redis }: AuthDependencies): Auth {
  const { secrets, externalIssuer } = config;
  const revokedTtlMs = ACCESS_TOKEN_TTL_SECONDS * 1000;
  const createCache = <State extends object>(name: string) => {
    const seal = (ttlMs: number) => createSeal<State>({ secrets: secrets.JWT_SECRET, clock, ttlMs });
    const shared = redis && createSharedStates<State>({ redis, name, revokedTtlMs, seal });
    return new StateCache<State>({
      clock,
      ttlMs: redis ? SHARED_STATE_TTL_MS : STATE_TTL_MS,
      revokedTtlMs,
      shared,
    });
  };
  const seededKeys = [...secrets.GAME_SERVICE_API_KEY, ...secrets.ADMIN_API_KEY];
  return {
    db,
    passwords: createPasswordHasher(),
    accessTokens: createAccessTokens(secrets.JWT_SECRET, clock),
    externalTokens: externalIssuer && createExternalTokens(externalIssuer, clock),
    refreshSecrets: secrets.JWT_SECRET,
    sessions: createCache<Player>('session'),
    externalPlayers: createCache<Player>('external-player'),
    apiKeys: createCache<ApiKeyHolder>('api-key'),
    lookUpApiKey: createApiKeyLookup(db, seededKeys.map(hashApiKey)),
    lookUpSession: gatherCalls(
      async (sessionIds: readonly string[]) => {
        const found = await findLiveSessions(db, sessionIds);
        return sessionIds.map((sessionId) => found.get(sessionId));
      },
      { maxItems: Infinity, maxCalls: MAX_LOOK_UPS },
    ),
  };
}
