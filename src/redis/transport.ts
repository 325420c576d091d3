import type { UpstashRequest, UpstashResponse } from '@upstash/redis';

/** One command, or with the path `pipeline` or `multi-exec` a list of them, as `Redis` of @upstash/redis makes it. */
export type Request = UpstashRequest;

type Result = UpstashResponse<unknown>;

/** A list of commands is answered by a list. */
export type Reply = Result | Result[];

/** A way to Redis that answered when it was opened. */
export interface Connection {
  /**
   * Rejects with RedisRefused when the server refused any of it, otherwise with RedisUnavailable. `abandonment` makes the
   * signal that tells when nobody waits any more, for who can use one: a signal costs as much as sending a command.
   */
  send(request: Request, abandonment: () => AbortSignal): Promise<Reply>;
  /** Resolves with the reason when it turns out to be gone; never rejects. */
  readonly lost: Promise<unknown>;
  readonly discard: () => void;
}

export interface Listening {
  /** Resolves with the reason when no more messages will come; never rejects. */
  readonly ended: Promise<unknown>;
  readonly discard: () => void;
}

export interface Transport {
  readonly kind: 'resp' | 'rest';
  /** Resolves when a PING was answered; gives up when the signal is aborted. */
  open(signal: AbortSignal): Promise<Connection>;
  /** Resolves when the channel is subscribed to; gives up when the signal is aborted. */
  listen(channel: string, onMessage: (message: string) => void, signal: AbortSignal): Promise<Listening>;
  /** How long to wait after the n-th failure in a row, from 0. */
  retryMs(failures: number): number;
  /** Whether another connection may help against a server that refuses with this code. */
  isMisplaced(code: string): boolean;
}

/** How many commands a request holds. */
export function sizeOf({ path, body }: Request): number {
  return path === undefined ? 1 : (body as readonly unknown[]).length;
}
