import type { Logger } from '../telemetry/log.ts';
import { createCalls, type RedisCalls } from './commands.ts';
import { type Limits, toDeadline } from './deadline.ts';
import { Health, type RedisHealth } from './health.ts';
import { Link } from './link.ts';
import { createRespTransport } from './resp.ts';
import type { RestServer } from './rest-events.ts';
import { createRestTransport } from './rest.ts';
import type { Server } from './server.ts';
import { keepSubscribed, type SubscriptionHandlers } from './subscription.ts';

/** Every call rejects with RedisUnavailable or RedisRefused, after 150 ms at the latest. */
export interface RedisClient extends RedisCalls {
  readonly transport: 'resp' | 'rest';
  /** Its number on the server; channels are not kept apart by it. */
  readonly database: number;
  readonly health: RedisHealth;
  /** Calls with limits of their own: of one request, made once for it, or of patient work. */
  within(limits: Limits): RedisCalls;
  /** Subscribes, now or when there is Redis, until closed: `onReady` tells. */
  subscribe(channel: string, handlers: SubscriptionHandlers): Promise<{ close(): Promise<void> }>;
  /** Ends everything; what is pending rejects with RedisUnavailable. */
  close(): Promise<void>;
}

/** Connects in the background: Redis need not be there, and may come and go. */
export function connectRedis(config: Server | RestServer, { log }: { log: Logger }): RedisClient {
  const transport = 'url' in config ? createRespTransport(config) : createRestTransport(config);
  const health = new Health(log);
  const link = new Link(transport, health);
  const subscriptions = new Set<() => Promise<void>>();
  const calls = createCalls(link, toDeadline({}));
  return {
    transport: transport.kind,
    database: 'url' in config ? Number(new URL(config.url).pathname.slice(1)) : 0,
    health,
    get commands() {
      return calls.commands;
    },
    run: async (script, keys, args) => await calls.run(script, keys, args),
    within: (limits) => createCalls(link, toDeadline(limits)),
    subscribe: async (channel, handlers) => {
      const closing = new AbortController();
      const running = keepSubscribed({ transport, health }, channel, handlers, closing.signal);
      const close = async () => {
        closing.abort();
        subscriptions.delete(close);
        await running;
      };
      subscriptions.add(close);
      return { close };
    },
    close: async () => {
      await Promise.all([...subscriptions].map(async (close) => await close()));
      await link.close();
    },
  };
}
