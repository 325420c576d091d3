import type { Clock } from '../../clock.ts';
import type { IndexedScore } from '../ranking-index/index.ts';

/** What the index has yet to learn: a player's score, or that there is none any more. */
export interface IndexChange {
  readonly leaderboardId: string;
  readonly userId: string;
  /** Undefined for a player who was deleted. */
  readonly score: IndexedScore | undefined;
}

interface Entry {
  readonly change: IndexChange;
  readonly since: number;
}

const MAX_CHANGES = 10_000;
/** Well within the hour for which a deleted player cannot come back by a late change. */
const MAX_AGE_MS = 30 * 60_000;

/**
 * The newest change of each player that could not be written. It is bounded: when it is full, or something in it has
 * become too old, it forgets everything and says so, because a replay of the whole board is shorter by then.
 */
export class RetryQueue {
  readonly #entries = new Map<string, Entry>();
  readonly #clock: Clock;
  readonly #onLost: () => void;

  constructor(clock: Clock, onLost: () => void) {
    this.#clock = clock;
    this.#onLost = onLost;
  }

  get size(): number {
    return this.#entries.size;
  }

  add(change: IndexChange): void {
    const key = keyOf(change);
    const known = this.#entries.get(key);
    if (known !== undefined && !supersedes(change, known.change)) return;
    if (known === undefined && this.size >= MAX_CHANGES) return this.#forgetAll();
    this.#entries.set(key, { change, since: known?.since ?? this.#clock() });
  }

  /** Returns up to `limit` changes of one kind on one leaderboard, the oldest among them; they stay until settled. */
  peek(limit: number): IndexChange[] {
    const [oldest] = this.#entries.values();
    if (oldest === undefined) return [];
    if (this.#clock() - oldest.since > MAX_AGE_MS) {
      this.#forgetAll();
      return [];
    }
    const { leaderboardId, score } = oldest.change;
    const changes = [...this.#entries.values()].map(({ change }) => change);
    return changes
      .filter((change) => change.leaderboardId === leaderboardId && !change.score === !score)
      .slice(0, limit);
  }

  /** Takes out what was written, unless a newer change of the player came meanwhile. */
  settle(changes: readonly IndexChange[]): void {
    for (const change of changes) {
      if (this.#entries.get(keyOf(change))?.change === change) this.#entries.delete(keyOf(change));
    }
  }

  #forgetAll(): void {
    this.#entries.clear();
    this.#onLost();
  }
}

function keyOf({ leaderboardId, userId }: IndexChange): string {
  return `${leaderboardId} ${userId}`;
}

function supersedes({ score: change }: IndexChange, { score: known }: IndexChange): boolean {
  if (change === undefined) return true;
  return known !== undefined && change.version > known.version;
}
