import { createHmac, timingSafeEqual } from 'node:crypto';

import type { Clock } from '../clock.ts';

interface SealOptions {
  /** The first seals, all open. */
  readonly secrets: readonly string[];
  readonly clock: Clock;
  readonly ttlMs: number;
}

/** Writes states down so that nobody without a secret can make one, move it to another key, or use it for longer. */
export interface Seal<State extends object> {
  /** The time to live counts from `readAt`, in milliseconds since 1970. */
  close(key: string, state: State, readAt: number): string;
  /** Undefined for anything but what `close` made for this key within the time to live. */
  open(key: string, text: string): State | undefined;
}

interface Sealed<State> {
  readonly state: State;
  /** Milliseconds since 1970. */
  readonly until: number;
}

export function createSeal<State extends object>({ secrets, clock, ttlMs }: SealOptions): Seal<State> {
  return {
    close: (key, state, readAt) => {
      const sealed: Sealed<State> = { state, until: readAt + ttlMs };
      const text = JSON.stringify(sealed);
      return `${sign(secrets[0] ?? '', key, text)}.${text}`;
    },
    open: (key, text) => {
      const dot = text.indexOf('.');
      const [mac, content] = [text.slice(0, dot), text.slice(dot + 1)];
      if (!secrets.some((secret) => isEqual(mac, sign(secret, key, content)))) return undefined;
      const { state, until } = JSON.parse(content) as Sealed<State>;
      return clock() <= until ? state : undefined;
    },
  };
}

/** The key is part of what is signed, and the purpose, so that no other signature of the same secret fits. */
function sign(secret: string, key: string, text: string): string {
  return createHmac('sha256', secret).update(`state\n${key}\n${text}`).digest('base64url');
}

function isEqual(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
