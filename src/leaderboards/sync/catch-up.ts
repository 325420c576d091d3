import { setTimeout } from 'node:timers/promises';

import type { RedisHealth } from '../../redis/index.ts';
import type { Logger } from '../../telemetry/log.ts';

interface CatchUpOptions {
  readonly health: RedisHealth;
  /** Brings every board up to what PostgreSQL has. */
  readonly replayAll: () => Promise<void>;
  readonly log: Logger;
}

const MIN_RETRY_MS = 250;
const MAX_RETRY_MS = 30_000;

/**
 * Knows whether this process may read the index.
 *   behind → current  when every board was replayed since
 *   current → behind  when Redis went away, or when changes were lost: it may come back as it was before, or as a replica
 *                     that never heard of the last updates
 */
export class CatchUp {
  readonly #options: CatchUpOptions;
  readonly #closing = new AbortController();
  #isCurrent = false;
  /** Rises with every reason to be behind, so that a replay that began before one does not count. */
  #reasons = 0;
  #running: Promise<void> | undefined;
  #failures = 0;
  #retryNow = new AbortController();

  constructor(options: CatchUpOptions) {
    this.#options = options;
    options.health.onChange(() => this.#startOver());
    this.fallBehind();
  }

  get isCurrent(): boolean {
    return this.#isCurrent && this.#options.health.usable;
  }

  fallBehind(): void {
    this.#isCurrent = false;
    this.#reasons += 1;
    this.#begin();
  }

  /** What failed before says nothing about a Redis that has come back. */
  #startOver(): void {
    this.#failures = 0;
    this.#retryNow.abort();
    this.fallBehind();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#retryNow.abort();
    await this.#running;
  }

  /** Without Redis nothing is begun: health tells when to. */
  #begin(): void {
    const { health } = this.#options;
    const isDone = this.#isCurrent || !health.usable || this.#closing.signal.aborted;
    if (isDone || this.#running !== undefined) return;
    this.#running = this.#replay().finally(() => {
      this.#running = undefined;
      this.#begin();
    });
  }

  async #replay(): Promise<void> {
    const { replayAll, log } = this.#options;
    const reasons = this.#reasons;
    try {
      await replayAll();
      this.#isCurrent = reasons === this.#reasons;
      this.#failures = 0;
    } catch (err) {
      if (this.#failures === 0) log.warn({ err }, 'the ranking index could not be replayed');
      await this.#rest();
    }
  }

  /** A replay that fails again and again, as in a Redis that is full, reads every change each time. */
  async #rest(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#retryNow = new AbortController();
    const restMs = Math.min(MIN_RETRY_MS * 2 ** this.#failures, MAX_RETRY_MS);
    this.#failures += 1;
    await setTimeout(restMs, undefined, { ref: false, signal: this.#retryNow.signal }).catch(() => {});
  }
}
