import { setTimeout } from 'node:timers/promises';

import type { BoardChange } from '../../leaderboards/index.ts';

interface OutboxOptions {
  /** Sends one message; what it rejects is lost. */
  readonly send: (changes: readonly BoardChange[]) => Promise<void>;
  readonly maxChanges: number;
}

/** Between the beginnings of two messages, while there is more to tell: each is a commit or a request. */
const GAP_MS = 20;

/**
 * Sends changes to the other processes: at once when it is idle, and those that come meanwhile together, of each player
 * only the newest. More than one message holds would come late: then boards are told of as wholes, each to be read once.
 * Nothing is tried again, because a hint that comes late is worth nothing.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  /** By board and player, or by board alone where the board is told of as a whole. */
  #waiting = new Map<string, BoardChange>();
  #areWholes = false;
  #sending: Promise<void> | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  add(change: BoardChange): void {
    const { leaderboardId, userId } = change;
    if (this.#waiting.has(leaderboardId)) return;
    const key = userId === undefined ? leaderboardId : `${leaderboardId} ${userId}`;
    if (this.#waiting.size === this.#options.maxChanges && !this.#waiting.has(key)) this.#tellOfWholes();
    if (this.#areWholes) this.#waiting.set(leaderboardId, { leaderboardId });
    else this.#waiting.set(key, change);
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

  #tellOfWholes(): void {
    const boards = new Set([...this.#waiting.values()].map(({ leaderboardId }) => leaderboardId));
    this.#waiting = new Map([...boards].map((leaderboardId) => [leaderboardId, { leaderboardId }]));
    this.#areWholes = true;
  }

  #take(): BoardChange[] {
    const taken = [...this.#waiting].slice(0, this.#options.maxChanges);
    for (const [key] of taken) this.#waiting.delete(key);
    if (this.#waiting.size === 0) this.#areWholes = false;
    return taken.map(([, change]) => change);
  }
}
