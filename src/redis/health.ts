import type { Logger } from '../telemetry/log.ts';

export interface RedisHealth {
  /** Whether commands are sent now; false until Redis has answered for the first time. */
  readonly usable: boolean;
  /** Tells of every change from now on, until the returned function is called. */
  onChange(listener: (usable: boolean) => void): () => void;
}

/** The one state that the link to Redis sets; each change is logged once, and so is a first failure. */
export class Health implements RedisHealth {
  readonly #log: Logger;
  readonly #listeners = new Set<(usable: boolean) => void>();
  #usable: boolean | undefined;

  constructor(log: Logger) {
    this.#log = log;
  }

  get usable(): boolean {
    return this.#usable === true;
  }

  onChange(listener: (usable: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  came(): void {
    if (this.#usable === true) return;
    this.#log.info('Redis is used');
    this.#change(true);
  }

  went(err: unknown): void {
    if (this.#usable === false) return;
    const wasUsable = this.usable;
    this.#usable = false;
    this.#log.warn({ err }, 'Redis is not used');
    if (wasUsable) this.#change(false);
  }

  /** The client is closed: nothing is logged. */
  end(): void {
    if (this.usable) this.#change(false);
    this.#listeners.clear();
  }

  #change(usable: boolean): void {
    this.#usable = usable;
    for (const listener of this.#listeners) this.#tell(listener, usable);
  }

  /** A listener that fails must not keep the link from going on. */
  #tell(listener: (usable: boolean) => void, usable: boolean): void {
    try {
      listener(usable);
    } catch (err) {
      this.#log.error({ err }, 'a listener of the health of Redis failed');
    }
  }
}
