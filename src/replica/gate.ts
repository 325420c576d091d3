import type { Logger } from '../telemetry/log.ts';
import type { Mismatch } from './freshness.ts';

type Reason = Mismatch | 'lagging' | 'went_back' | 'unreachable' | 'primary_unreachable' | 'read_failed';

const MAX_LAG_MS = 2000;
/** How long a server is left alone that answers when probed but fails reads: overloaded, or out of connections. */
const REST_MS = 2000;

/**
 * Whether the replica may be read. Closed at first.
 *   closed → open    when it is proven fresh as of less than 2 s ago
 *   open → closed    2 s after the moment of its last proof; at once when it fails to answer, has lost what it had,
 *                    or turns out another server
 *   read failed      closed, and proofs count again only as of 2 s later
 * Each change, and each other reason for being closed, is logged once.
 */
export class Gate {
  readonly #clock: () => number;
  readonly #log: Logger;
  #freshAt = -Infinity;
  #restsUntil = -Infinity;
  #logged: Reason | 'open' | undefined;

  constructor({ clock, log }: { clock: () => number; log: Logger }) {
    this.#clock = clock;
    this.#log = log;
  }

  isOpen(): boolean {
    return this.#clock() < this.#freshAt + MAX_LAG_MS;
  }

  prove(freshAt: number): void {
    if (freshAt < this.#restsUntil) return;
    this.#freshAt = freshAt;
    this.lapse('lagging');
  }

  /** There is no new proof; the last one counts as long as it would have. */
  lapse(reason: Reason, err?: unknown): void {
    this.#report(this.isOpen() ? 'open' : reason, err);
  }

  shut(reason: Reason, err?: unknown): void {
    this.#freshAt = -Infinity;
    this.#report(reason, err);
  }

  readFailed(err: unknown): void {
    this.#restsUntil = this.#clock() + REST_MS;
    this.shut('read_failed', err);
  }

  #report(state: Reason | 'open', err: unknown): void {
    if (state === this.#logged) return;
    this.#logged = state;
    const lag = Number.isFinite(this.#freshAt) && { lagMs: Math.round(this.#clock() - this.#freshAt) };
    if (state === 'open') return this.#log.info({ ...lag }, 'the read replica is used');
    this.#log.warn({ reason: state, ...lag, err }, 'the read replica is not used');
  }
}
