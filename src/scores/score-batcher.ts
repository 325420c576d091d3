import { LRUCache } from 'lru-cache';
import pLimit from 'p-limit';

import type { Clock } from '../clock.ts';
import { isContention, isDatabaseUnavailable, isRolledBack, retryOnce } from '../db/index.ts';
import { type AppError, unavailable } from '../errors.ts';
import { Lanes } from '../lanes.ts';
import type { ApplyBatch } from './apply-batch.ts';
import type { Outcome, ScoreUpdate } from './score.ts';

interface BatcherOptions {
  readonly apply: ApplyBatch;
  readonly clock: Clock;
  /** How many batches may be at the database at once: one connection each. */
  readonly maxInFlight: number;
}

interface Waiting {
  readonly update: ScoreUpdate;
  readonly since: number;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

export const MAX_BATCH_SIZE = 64;
export const MAX_WAITING = 5000;
/** So that one player's requests cannot take the places of all others. */
export const MAX_WAITING_OF_PLAYER = 1000;
const MAX_WAIT_MS = 15_000;
/** A database that is lost after this long was silent, and not only restarting: who waited for it has waited enough. */
const SILENCE_MS = 1000;
const MAX_SINGLES = 8;
const BATCH_LOCK_TIMEOUT_MS = 250;
const SINGLE_LOCK_TIMEOUT_MS = 2000;
/** How long a player whose row was held by somebody else is kept out of batches. */
const APART_MS = 10_000;

/**
 * Sends score updates to the database in batches: those that come together share a statement, as Lanes says.
 *
 * An update is waiting → in a batch → settled, or, when its batch met a lock twice, waiting → in a batch → single →
 * settled. A player has one update past waiting at any time, so updates of a player keep their order; a player whose
 * row somebody else holds goes by singles for a while, so that batches, and everybody else in them, do not wait.
 */
export class ScoreBatcher {
  readonly #options: BatcherOptions;
  readonly #singles = pLimit(MAX_SINGLES);
  readonly #busyPlayers = new Set<string>();
  /** How many updates of each player have no outcome yet. */
  readonly #unsettled = new Map<string, number>();
  readonly #apart = new LRUCache<string, true>({ max: 10_000, ttl: APART_MS });
  readonly #lanes: Lanes;
  #waiting: Waiting[] = [];

  constructor(options: BatcherOptions) {
    this.#options = options;
    this.#lanes = new Lanes({
      max: options.maxInFlight,
      full: MAX_BATCH_SIZE,
      dispatch: () => this.#dispatch(),
    });
  }

  /** Settles after the commit. Rejects with unavailable when too many wait, or one waited too long. */
  async submit(update: ScoreUpdate): Promise<Outcome> {
    const { userId } = update;
    const ofPlayer = this.#unsettled.get(userId) ?? 0;
    if (
      this.#waiting.length + this.#singles.pendingCount >= MAX_WAITING ||
      ofPlayer >= MAX_WAITING_OF_PLAYER
    ) {
      throw unavailable('too many score updates are waiting');
    }
    this.#unsettled.set(userId, ofPlayer + 1);
    return await this.#enqueue(update).finally(() => this.#forget(userId));
  }

  async #enqueue(update: ScoreUpdate): Promise<Outcome> {
    return await new Promise((resolve, reject) => {
      this.#waiting.push({ update, since: this.#options.clock(), resolve, reject });
      this.#lanes.dispatchSoon();
    });
  }

  #forget(userId: string): void {
    const left = (this.#unsettled.get(userId) ?? 1) - 1;
    if (left === 0) this.#unsettled.delete(userId);
    else this.#unsettled.set(userId, left);
  }

  #dispatch(): void {
    while (this.#lanes.mayBegin(this.#waiting.length)) {
      const batch = this.#takeBatch();
      if (batch.length === 0) return;
      this.#lanes.run(async () => await this.#runBatch(batch));
    }
  }

  /** Takes the oldest updates whose players are free, one for each player; the rest keep their order. */
  #takeBatch(): Waiting[] {
    const now = this.#options.clock();
    const batch: Waiting[] = [];
    const left: Waiting[] = [];
    for (const waiting of this.#waiting) {
      const { userId } = waiting.update;
      if (now - waiting.since > MAX_WAIT_MS) waiting.reject(waitedTooLong());
      else if (batch.length === MAX_BATCH_SIZE || this.#busyPlayers.has(userId)) left.push(waiting);
      else if (this.#apart.has(userId)) this.#startSingle(waiting);
      else {
        this.#busyPlayers.add(userId);
        batch.push(waiting);
      }
    }
    this.#waiting = left;
    return batch;
  }

  /** Never rejects: every update of the batch is settled, or handed on to be run singly. */
  async #runBatch(batch: readonly Waiting[]): Promise<void> {
    const startedAt = this.#options.clock();
    try {
      const updates = batch.map((waiting) => waiting.update);
      const attempt = async () => await this.#options.apply(updates, BATCH_LOCK_TIMEOUT_MS);
      const outcomes = await retryOnce(attempt, isContention);
      batch.forEach((waiting, index) => this.#settle(waiting, outcomes[index]));
    } catch (error) {
      const lost = isDatabaseUnavailable(error) && !isContention(error);
      // Anything but a lost database may be the fault of one update: the others shall not fail with it.
      batch.forEach((waiting) => (lost ? this.#fail(waiting, error) : this.#startSingle(waiting)));
      if (lost && this.#options.clock() - startedAt >= SILENCE_MS) this.#failWaitingSince(startedAt, error);
    }
  }

  /** Bounds an update's wait by one silence of the database: the next batch may meet the same. */
  #failWaitingSince(moment: number, error: unknown): void {
    for (const waiting of this.#waiting) if (waiting.since <= moment) waiting.reject(error);
    this.#waiting = this.#waiting.filter(({ since }) => since > moment);
  }

  #startSingle(waiting: Waiting): void {
    this.#busyPlayers.add(waiting.update.userId);
    void this.#singles(async () => await this.#runSingle(waiting)).finally(() => this.#dispatch());
  }

  async #runSingle(waiting: Waiting): Promise<void> {
    const startedAt = this.#options.clock();
    if (startedAt - waiting.since > MAX_WAIT_MS) return this.#fail(waiting, waitedTooLong());
    try {
      const attempt = async () => await this.#options.apply([waiting.update], SINGLE_LOCK_TIMEOUT_MS);
      const [outcome] = await retryOnce(attempt, isRolledBack);
      this.#settle(waiting, outcome);
    } catch (error) {
      this.#fail(waiting, error);
    }
    const heldMs = this.#options.clock() - startedAt;
    if (heldMs >= BATCH_LOCK_TIMEOUT_MS) this.#apart.set(waiting.update.userId, true);
  }

  #settle(waiting: Waiting, outcome: Outcome | undefined): void {
    this.#busyPlayers.delete(waiting.update.userId);
    if (outcome === undefined) waiting.reject(new Error('a score update ended without an outcome'));
    else waiting.resolve(outcome);
  }

  #fail(waiting: Waiting, error: unknown): void {
    this.#busyPlayers.delete(waiting.update.userId);
    waiting.reject(error);
  }
}

function waitedTooLong(): AppError {
  return unavailable('the score update waited too long');
}
