import { gatherCalls } from '../gather-calls.ts';
import { loadScript, type RedisCalls, SHARED_CALLS } from '../redis/index.ts';
import type { Seal } from './sealed-state.ts';

export const REVOKED = Symbol('revoked');

/** What all processes remember of the state of sessions or API keys. Nothing here rejects: each of them can do without. */
export interface SharedStates<State extends object> {
  find(id: string): Promise<State | typeof REVOKED | undefined>;
  /** Remembers a state, read from `readAt` on, unless it was revoked meanwhile; tells whether it was. */
  fill(id: string, state: State, readAt: number): Promise<typeof REVOKED | undefined>;
  revoke(ids: readonly string[]): Promise<void>;
}

interface SharedStatesOptions<State extends object> {
  readonly redis: RedisCalls;
  /** Of the kind of state, in front of every id. */
  readonly name: string;
  readonly revokedTtlMs: number;
  /** Whoever may write to Redis is not therefore an operator. */
  readonly seal: (ttlMs: number) => Seal<State>;
}

interface Fill {
  readonly key: string;
  readonly text: string;
}

/**
 * With the second for which a process remembers it, a state is read again from PostgreSQL after five seconds at the
 * latest: also when the revocation never reached Redis.
 */
const STATE_TTL_MS = 4000;
const REVOKED_TEXT = 'revoked';
const MAX_REVOKED_AT_ONCE = 500;

const fillStates = loadScript(new URL('./fill-states.lua', import.meta.url));

export function createSharedStates<State extends object>({
  redis,
  name,
  revokedTtlMs,
  seal,
}: SharedStatesOptions<State>): SharedStates<State> {
  // One hash tag for all of a kind, as one call names several of them.
  const keyOf = (id: string) => `{${name}}:${id}`;
  const sealed = seal(STATE_TTL_MS);
  const read = (key: string, text: unknown) => {
    if (text === REVOKED_TEXT) return REVOKED;
    return typeof text === 'string' ? sealed.open(key, text) : undefined;
  };
  const findText = gatherCalls(
    async (keys: readonly string[]) => await redis.commands.mget<unknown[]>(...keys),
    SHARED_CALLS,
  );
  const fillText = gatherCalls(async (fills: readonly Fill[]) => {
    const keys = fills.map(({ key }) => key);
    const texts = fills.map(({ text }) => text);
    return (await redis.run(fillStates, keys, [STATE_TTL_MS, ...texts])) as unknown[];
  }, SHARED_CALLS);
  return {
    find: async (id) => {
      const key = keyOf(id);
      return await findText(key).then(
        (text) => read(key, text),
        () => undefined,
      );
    },
    fill: async (id, state, readAt) => {
      const key = keyOf(id);
      return await fillText({ key, text: sealed.close(key, state, readAt) }).then(
        (stored) => (stored === REVOKED_TEXT ? REVOKED : undefined),
        () => undefined,
      );
    },
    revoke: async (ids) => {
      for (let start = 0; start < ids.length; start += MAX_REVOKED_AT_ONCE) {
        const pipeline = redis.commands.pipeline();
        for (const id of ids.slice(start, start + MAX_REVOKED_AT_ONCE)) {
          pipeline.set(keyOf(id), REVOKED_TEXT, { px: revokedTtlMs });
        }
        await pipeline.exec().catch(() => {});
      }
    },
  };
}
