import { errors, Redis, type Requester } from '@upstash/redis';

import { type RedisRefused, RedisUnavailable, toRefusal } from './errors.ts';
import { listenToEvents, type RestServer } from './rest-events.ts';
import type { Connection, Reply, Request, Transport } from './transport.ts';

const PROBE_INTERVAL_MS = 1000;

/** The HTTP client inside, without what `Redis` makes of its answers. */
class HttpRedis extends Redis {
  readonly requester: Requester;

  constructor({ restUrl, restToken }: RestServer) {
    super({
      url: restUrl,
      token: restToken,
      retry: { retries: 0 },
      enableTelemetry: false,
      enableAutoPipelining: false,
    });
    this.requester = this.client;
  }
}

/** Upstash's REST protocol, by way of @upstash/redis. There is no connection: open means that a PING was answered. */
export function createRestTransport(server: RestServer): Transport {
  const { requester } = new HttpRedis(server);
  const connection: Connection = {
    send: async (request, abandonment) => await send(requester, request, abandonment()),
    lost: new Promise(() => {}),
    discard: () => {},
  };
  return {
    kind: 'rest',
    open: async (over) => {
      await connection.send({ body: ['PING'] }, () => over);
      return connection;
    },
    listen: async (channel, onMessage, over) => await listenToEvents(server, channel, onMessage, over),
    retryMs: () => PROBE_INTERVAL_MS,
    isMisplaced: (code) => code === 'NOAUTH' || code === 'WRONGPASS',
  };
}

/** An aborted request resolves with something: whoever aborts it must not wait for it any more. */
async function send(requester: Requester, request: Request, signal: AbortSignal): Promise<Reply> {
  const reply: Reply = await requester.request({ ...request, signal }).catch((error: unknown) => {
    throw toError(error);
  });
  const results = Array.isArray(reply) ? reply : [reply];
  const failed = results.find(({ error }) => error !== undefined);
  if (failed?.error !== undefined) throw refusalOf(failed.error);
  if (results.some(({ result }) => result === undefined))
    throw new RedisUnavailable('an answer is not one of Redis');
  return reply;
}

function toError(error: unknown): RedisRefused | RedisUnavailable {
  if (!(error instanceof errors.UpstashError)) return new RedisUnavailable('Redis cannot be reached', error);
  if (error instanceof errors.UpstashJSONParseError) return new RedisUnavailable(error.message);
  // The whole command follows, with whatever secret it holds.
  return refusalOf(error.message.split(', command was: ')[0] ?? '');
}

function refusalOf(text: string): RedisRefused | RedisUnavailable {
  return toRefusal(text) ?? new RedisUnavailable(text);
}
