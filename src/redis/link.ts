import { type Deadline, pause } from './deadline.ts';
import { RedisUnavailable } from './errors.ts';
import type { Health } from './health.ts';
import { Session } from './session.ts';
import type { Connection, Reply, Request, Transport } from './transport.ts';
import { within } from './within.ts';

/** For connecting and an answer to PING. With the longest pause before it, Redis is back within 2 s. */
const OPEN_MS = 750;
/** A session that ends sooner does not end the backoff. */
const STABLE_MS = 1000;

/**
 * The way to Redis: a session as long as there is one, and the circuit breaker around it.
 *   down → up     when a connection was opened and answered PING; tried again and again, with backoff
 *   up → down     when the session ends: see there; after 3 misses it stays down for 1 s
 *   any → closed  by close()
 * Nothing is sent except while up.
 */
export class Link {
  readonly #transport: Transport;
  readonly #health: Health;
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;
  #session: Session | undefined;
  #reason: unknown;

  constructor(transport: Transport, health: Health) {
    this.#transport = transport;
    this.#health = health;
    this.#running = this.#keepUp();
  }

  /** Rejects with RedisRefused, or with RedisUnavailable, at the deadline at the latest. */
  async send(request: Request, deadline: Deadline): Promise<Reply> {
    const session = this.#session;
    if (session === undefined || session.isOver) {
      throw new RedisUnavailable('Redis cannot be used now', this.#reason);
    }
    return await session.send(request, deadline);
  }

  /** Rejects what is pending; nothing is sent any more. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#session?.end({ reason: new Error('the client is closed'), restMs: 0 });
    await this.#running;
    this.#health.end();
  }

  async #keepUp(): Promise<void> {
    const { signal } = this.#closing;
    let failures = 0;
    while (!signal.aborted) {
      const connection = await this.#open();
      const openedAt = performance.now();
      const restMs = connection === undefined ? 0 : await this.#use(connection);
      if (performance.now() - openedAt > STABLE_MS) failures = 0;
      await pause(Math.max(restMs, this.#transport.retryMs(failures)), signal);
      failures += 1;
    }
  }

  async #open(): Promise<Connection | undefined> {
    const { signal } = this.#closing;
    try {
      const connection = await within(OPEN_MS, signal, async (over) => await this.#transport.open(over));
      if (!signal.aborted) return connection;
      connection.discard();
    } catch (error) {
      this.#wentDown(error);
    }
    return undefined;
  }

  /** Resolves with how long to rest when the session has ended. */
  async #use(connection: Connection): Promise<number> {
    const session = new Session(connection, (code) => this.#transport.isMisplaced(code));
    this.#session = session;
    this.#health.came();
    const { reason, restMs } = await session.ended;
    this.#session = undefined;
    this.#wentDown(reason);
    return restMs;
  }

  #wentDown(reason: unknown): void {
    this.#reason = reason;
    if (!this.#closing.signal.aborted) this.#health.went(reason);
  }
}
