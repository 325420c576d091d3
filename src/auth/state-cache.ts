import { LRUCache } from 'lru-cache';

import type { Clock } from '../clock.ts';
import { REVOKED, type SharedStates } from './shared-states.ts';

interface StateCacheOptions<State extends object> {
  readonly clock: Clock;
  /** How long a state may be used before it is read again, and so how late a revocation elsewhere is noticed. */
  readonly ttlMs: number;
  /** How long a revocation is remembered: as long as whatever was revoked could still be presented. */
  readonly revokedTtlMs: number;
  /** Asked before a state is read. */
  readonly shared?: SharedStates<State> | undefined;
}

const MAX_ENTRIES = 50_000;

/**
 * Remembers the state of sessions or API keys for a moment, and what other processes know of them.
 *
 * An entry is absent → known → absent (after its time) or, from any state, → revoked → absent. A read that began
 * before a revocation never puts the old state back: filling leaves `revoked` alone.
 */
export class StateCache<State extends object> {
  readonly #entries: LRUCache<string, State | typeof REVOKED>;
  readonly #reads = new Map<string, Promise<State | undefined>>();
  readonly #options: StateCacheOptions<State>;
  #sweptAt = 0;

  constructor(options: StateCacheOptions<State>) {
    this.#options = options;
    this.#entries = new LRUCache({
      max: MAX_ENTRIES,
      ttl: options.ttlMs,
      ttlResolution: 0,
      perf: { now: options.clock },
    });
  }

  /** Returns the state, read with `read` unless known; undefined when there is none or it was revoked. */
  async get(id: string, read: () => Promise<State | undefined>): Promise<State | undefined> {
    this.#sweep();
    const known = this.#entries.get(id);
    if (known === REVOKED) return undefined;
    if (known !== undefined) return known;
    let reading = this.#reads.get(id);
    if (reading === undefined) {
      reading = this.#fill(id, read).finally(() => this.#reads.delete(id));
      this.#reads.set(id, reading);
    }
    return await reading;
  }

  /** This process refuses them at once, the others when it resolves and what they remember is over. */
  async revoke(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.#entries.set(id, REVOKED, { ttl: this.#options.revokedTtlMs });
    await this.#options.shared?.revoke(ids);
  }

  /** An entry whose time has passed would otherwise stay until the cache is full. */
  #sweep(): void {
    const { clock, ttlMs } = this.#options;
    if (Math.abs(clock() - this.#sweptAt) < ttlMs) return;
    this.#sweptAt = clock();
    this.#entries.purgeStale();
  }

  async #fill(id: string, read: () => Promise<State | undefined>): Promise<State | undefined> {
    // The state may have changed as soon as the read began, so its time counts from here.
    const start = this.#options.clock();
    const state = await this.#readShared(id, read, start);
    if (state === REVOKED || this.#entries.get(id) === REVOKED) return undefined;
    if (state !== undefined) this.#entries.set(id, state, { start });
    return state;
  }

  async #readShared(
    id: string,
    read: () => Promise<State | undefined>,
    readAt: number,
  ): Promise<State | typeof REVOKED | undefined> {
    const { shared } = this.#options;
    const known = await shared?.find(id);
    if (known !== undefined) return known;
    const state = await read();
    const revoked = state && (await shared?.fill(id, state, readAt));
    return revoked ?? state;
  }
}
