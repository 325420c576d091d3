import type { RegisteredAction } from './client.ts';
import type { Done } from './transport.ts';

interface HeldToken {
  readonly userId: string;
  readonly token: string;
  readonly delta: number;
  readonly dueMs: number;
}

/** The service's clock is known to the second and never ahead of itself, so a little more than the lifetime is enough. */
const MARGIN_MS = 500;
const MAX_HELD = 1000;

/** How long to hold a token until the service calls it expired, in milliseconds. */
export function holdMs({
  body,
  serverTimeMs,
}: Pick<Done<RegisteredAction>, 'body' | 'serverTimeMs'>): number {
  return Date.parse(body.expires_at) - serverTimeMs + MARGIN_MS;
}

/** Tokens that cheats hold back until they have expired: an expired one cannot be forged. */
export function createHeldTokens(now: () => number) {
  const held: HeldToken[] = [];
  return {
    hold: (userId: string, action: Done<RegisteredAction>) => {
      if (held.length === MAX_HELD) held.shift();
      held.push({ userId, token: action.body.action_token, delta: 1, dueMs: now() + holdMs(action) });
    },
    /** Hands out a token of the player that has expired. */
    takeDue: (userId: string): HeldToken | undefined => {
      const index = held.findIndex((token) => token.userId === userId && token.dueMs <= now());
      return index === -1 ? undefined : held.splice(index, 1)[0];
    },
  };
}
