import type { Deadline } from './deadline.ts';
import { RedisRefused, RedisUnavailable } from './errors.ts';
import { type Connection, type Reply, type Request, sizeOf } from './transport.ts';

/** Of commands in a row that got no answer in their time. */
const MAX_MISSES = 3;
/** How long a server is left alone then. */
const REST_MS = 1000;
/** Commands without an answer, those that nobody waits for any more included. */
const MAX_IN_FLIGHT = 10_000;

export interface Fault {
  readonly reason: unknown;
  /** How long nothing may be sent. */
  readonly restMs: number;
}

/**
 * The use of one connection, until it is lost, its server is misplaced, or 3 commands in a row miss their deadline.
 * Its end discards the connection and rejects everything that waits on it.
 */
export class Session {
  readonly ended: Promise<Fault>;
  readonly #connection: Connection;
  readonly #isMisplaced: (code: string) => boolean;
  readonly #waiting = new Set<(error: Error) => void>();
  #resolveEnded: (fault: Fault) => void = () => {};
  #isOver = false;
  #misses = 0;
  #inFlight = 0;

  constructor(connection: Connection, isMisplaced: (code: string) => boolean) {
    this.#connection = connection;
    this.#isMisplaced = isMisplaced;
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    void connection.lost.then((reason) => this.end({ reason, restMs: 0 }));
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Rejects with RedisRefused, or with RedisUnavailable, at the deadline at the latest. */
  async send(request: Request, { commandMs, endsAt }: Deadline): Promise<Reply> {
    const leftMs = endsAt - performance.now();
    if (leftMs <= 0) throw new RedisUnavailable('the time for Redis is used up');
    const size = sizeOf(request);
    if (this.#inFlight + size > MAX_IN_FLIGHT) throw new RedisUnavailable('too many commands are in flight');
    try {
      const reply = await this.#exchange(request, size, Math.min(commandMs, leftMs));
      this.#misses = 0;
      return reply;
    } catch (error) {
      // That a command was not answered within less than its time proves nothing.
      if (error instanceof RedisRefused || commandMs <= leftMs) this.#judge(error);
      throw error;
    }
  }

  end(fault: Fault): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#connection.discard();
    for (const reject of this.#waiting)
      reject(new RedisUnavailable('Redis cannot be used now', fault.reason));
    this.#resolveEnded(fault);
  }

  async #exchange(request: Request, size: number, waitMs: number): Promise<Reply> {
    let abandoned: AbortController | undefined;
    const abandonment = () => (abandoned ??= new AbortController()).signal;
    return await new Promise<Reply>((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer);
        this.#waiting.delete(giveUp);
      };
      const giveUp = (error: Error) => {
        settle();
        reject(error);
        abandoned?.abort('abandoned');
      };
      // In halves, so that a process that was late itself waits on; what has arrived meanwhile is read first.
      const expire = () => setImmediate(giveUp, silence(waitMs));
      let timer = setTimeout(() => {
        timer = setTimeout(expire, waitMs / 2);
      }, waitMs / 2);
      this.#waiting.add(giveUp);
      this.#inFlight += size;
      void this.#connection
        .send(request, abandonment)
        .finally(() => {
          this.#inFlight -= size;
          settle();
        })
        .then(resolve, reject);
    });
  }

  #judge(error: unknown): void {
    const refused = error instanceof RedisRefused;
    this.#misses = refused ? 0 : this.#misses + 1;
    if (refused && this.#isMisplaced(error.code)) this.end({ reason: error, restMs: 0 });
    if (this.#misses >= MAX_MISSES) this.end({ reason: error, restMs: REST_MS });
  }
}

function silence(waitMs: number): RedisUnavailable {
  return new RedisUnavailable(`Redis did not answer within ${Math.round(waitMs)} ms`);
}
