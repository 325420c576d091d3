/**
 * How the page stands with the stream.
 *
 * connecting → live ⇄ reconnecting; any of them → paused, when a hidden page gives its connection back; paused →
 * reconnecting. EventSource comes back by itself after an interruption, and never after a refusal (an answer other
 * than 200): then the page asks anew after `retryDelayMs`.
 */
export interface Connection {
  readonly state: 'connecting' | 'live' | 'reconnecting' | 'paused';
  /** In a row. */
  readonly refusals: number;
}

/** What happens to it: `closing` is the service's announcement that it is about to interrupt. */
export type Signal = 'snapshot' | 'closing' | 'interrupted' | 'refused' | 'paused' | 'resumed';

const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 30_000;

export const unconnected: Connection = { state: 'connecting', refusals: 0 };

export function advance(connection: Connection, signal: Signal): Connection {
  if (connection.state === 'paused' && signal !== 'resumed') return connection;
  switch (signal) {
    case 'snapshot':
      return { state: 'live', refusals: 0 };
    case 'closing':
    case 'interrupted':
      return { ...connection, state: 'reconnecting' };
    case 'refused':
      return { state: 'reconnecting', refusals: connection.refusals + 1 };
    case 'paused':
      return { state: 'paused', refusals: 0 };
    case 'resumed':
      return { state: 'reconnecting', refusals: 0 };
  }
}

/**
 * How long to wait after so many refusals in a row: it doubles up to half a minute, and `random` (0 to 1) takes up to
 * half of it away, so that all who were refused together do not come back together.
 */
export function retryDelayMs(refusals: number, random: number): number {
  const longest = Math.min(FIRST_DELAY_MS * 2 ** (refusals - 1), LONGEST_DELAY_MS);
  return longest * (1 - random / 2);
}
