import { setTimeout } from 'node:timers/promises';

import type { BoardChange } from '../../leaderboards/index.ts';

interface OutboxOptions {
  /** Sends one message; what it rejects is lost. */
  readonly send: (changes: readonly BoardChange[]) => Promise<void>;
  readonly maxChanges: number;
}

/** Between the beginnings of two messages, while there is more to tell: each is a commit or a request. */
const GAP_MS = 20;
/** Players with a change that was not sent yet. Beyond them a board is told of as a whole. */
const MAX_WAITING = 10_000;

/**
 * Sends changes to the other processes: at once when it is idle, and those that come meanwhile together, of each player
 * only the newest. Nothing is tried again, because a hint that comes late is worth nothing.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  #waiting = new Map<string, BoardChange>();
  #sending: Promise<void> | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  add(change: BoardChange): void {
    const { leaderboardId, userId } = change;
    const isFull = this.#waiting.size >= MAX_WAITING;
    if (isFull) this.#waiting.set(leaderboardId, { leaderboardId });
    else this.#waiting.set(`${leaderboardId} ${userId}`, change);
    this.#sending ??= this.#sendAll();
  }

  /** Sends one more message; what does not fit into it is lost. To be called when nothing is added any more. */
  async close(): Promise<void> {
    const last = this.#take();
    this.#waiting.clear();
    if (last.length > 0) await this.#send(last);
    await this.#sending;
  }

  async #sendAll(): Promise<void> {
    // Changes that shared a commit come in the same turn.
    await Promise.resolve();
    while (this.#waiting.size > 0) {
      const gap = setTimeout(GAP_MS);
      await this.#send(this.#take());
      await gap;
    }
    // In the turn of the last look at what waits, so that nothing is added in between and left behind.
    this.#sending = undefined;
  }

  async #send(changes: readonly BoardChange[]): Promise<void> {
    await this.#options.send(changes).catch(() => {});
  }

  #take(): BoardChange[] {
    const taken = [...this.#waiting].slice(0, this.#options.maxChanges);
    for (const [key] of taken) this.#waiting.delete(key);
    return taken.map(([, change]) => change);
  }
}
