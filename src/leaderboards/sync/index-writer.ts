import { setTimeout } from 'node:timers/promises';

import type { Clock } from '../../clock.ts';
import { Lanes } from '../../lanes.ts';
import type { RedisClient } from '../../redis/index.ts';
import { applyScores, type IndexedScore, removePlayers } from '../ranking-index/index.ts';
import { type IndexChange, RetryQueue } from './retry-queue.ts';

interface Waiting {
  readonly leaderboardId: string;
  readonly score: IndexedScore;
  /** By the clock of `performance.now()`. */
  readonly since: number;
  readonly resolve: (rank: number | null) => void;
}

/** What is on its way to one board: no board waits for another. */
interface Board {
  waiting: Waiting[];
  readonly lanes: Lanes;
}

interface IndexWriterOptions {
  readonly redis: Pick<RedisClient, 'run' | 'health'>;
  readonly clock: Clock;
  /** Told of a board that has to be built first. */
  readonly onNotReady: (leaderboardId: string) => void;
  /** Told when changes were given up, so that only a replay brings them. */
  readonly onLost: () => void;
}

const MAX_CHUNK = 64;
const MAX_UNDER_WAY = 2;
/** For the calls before it; its own takes as long as a call may. */
const MAX_WAIT_MS = 300;
const MIN_RETRY_MS = 50;
const MAX_RETRY_MS = 1000;

/**
 * Writes to the index what PostgreSQL has committed. Those that come together share a call, as Lanes says. What cannot
 * be written waits in a bounded queue, whose changes are tried again until they are.
 * Nothing here rejects: the index may be behind, and says so, but no request fails for it.
 */
export class IndexWriter {
  readonly #options: IndexWriterOptions;
  readonly #retries: RetryQueue;
  readonly #boards = new Map<string, Board>();
  readonly #closing = new AbortController();
  #draining: Promise<void> | undefined;
  #retryNow = new AbortController();

  constructor(options: IndexWriterOptions) {
    this.#options = options;
    this.#retries = new RetryQueue(options.clock, options.onLost);
    options.redis.health.onChange((usable) => {
      if (usable) this.#retryNow.abort();
    });
  }

  /** How many changes the index is known to miss. */
  get missing(): number {
    return this.#retries.size;
  }

  /** Resolves with the player's rank, or null when the index does not know it, after half a second at the latest. */
  async write(leaderboardId: string, score: IndexedScore): Promise<number | null> {
    return await new Promise((resolve) => {
      const board = this.#boards.get(leaderboardId) ?? this.#openBoard(leaderboardId);
      board.waiting.push({ leaderboardId, score, since: performance.now(), resolve });
      board.lanes.dispatchSoon();
    });
  }

  /** Takes a deleted player off the boards, and keeps the player off. */
  async remove(userId: string, leaderboardIds: readonly string[]): Promise<void> {
    const changes = leaderboardIds.map((leaderboardId) => ({ leaderboardId, userId, score: undefined }));
    await Promise.all(
      changes.map(async (change) => {
        await this.#send([change]).catch(() => this.#retryLater([change]));
      }),
    );
  }

  /** Tries what is left once more. */
  async close(): Promise<void> {
    this.#retryNow.abort();
    this.#closing.abort();
    await this.#draining;
  }

  #openBoard(leaderboardId: string): Board {
    const dispatch = () => this.#dispatch(leaderboardId, board);
    const board: Board = {
      waiting: [],
      lanes: new Lanes({ max: MAX_UNDER_WAY, full: MAX_CHUNK, dispatch }),
    };
    this.#boards.set(leaderboardId, board);
    return board;
  }

  #dispatch(leaderboardId: string, board: Board): void {
    this.#giveUpOld(board);
    while (board.lanes.mayBegin(board.waiting.length)) {
      const chunk = board.waiting.splice(0, MAX_CHUNK);
      board.lanes.run(async () => await this.#writeChunk(chunk));
    }
    const isCurrent = this.#boards.get(leaderboardId) === board;
    if (isCurrent && board.lanes.isIdle) this.#boards.delete(leaderboardId);
  }

  /** A Redis that is slow, and yet never too late, must not hold up those who wait behind others. */
  #giveUpOld(board: Board): void {
    const oldest = performance.now() - MAX_WAIT_MS;
    const isOld = ({ since }: Waiting) => since < oldest;
    for (const { leaderboardId, score, resolve } of board.waiting.filter(isOld)) {
      this.#retryLater([{ leaderboardId, userId: score.userId, score }]);
      resolve(null);
    }
    board.waiting = board.waiting.filter((waiting) => !isOld(waiting));
  }

  async #writeChunk(chunk: readonly Waiting[]): Promise<void> {
    const changes = chunk.map(({ leaderboardId, score }) => ({ leaderboardId, userId: score.userId, score }));
    const ranks = await this.#send(changes).catch(() => this.#retryLater(changes));
    chunk.forEach(({ resolve }, index) => resolve(ranks?.[index] ?? null));
  }

  /** Of one kind and board. Returns the ranks of scores, if the board is ready. */
  async #send(changes: readonly IndexChange[]): Promise<readonly (number | null)[] | undefined> {
    const { redis, onNotReady } = this.#options;
    const [first] = changes;
    if (first === undefined) return undefined;
    const { leaderboardId } = first;
    const scores = changes.flatMap(({ score }) => score ?? []);
    if (scores.length === 0) {
      await removePlayers(
        redis,
        leaderboardId,
        changes.map(({ userId }) => userId),
      );
      return undefined;
    }
    const applied = await applyScores(redis, leaderboardId, scores);
    if (applied === undefined) onNotReady(leaderboardId);
    return applied?.ranks;
  }

  #retryLater(changes: readonly IndexChange[]): undefined {
    for (const change of changes) this.#retries.add(change);
    this.#beginDraining();
  }

  #beginDraining(): void {
    if (this.#retries.size === 0 || this.#draining !== undefined) return;
    this.#draining = this.#drain().finally(() => {
      this.#draining = undefined;
      // What came when the loop had ended already.
      if (!this.#closing.signal.aborted) this.#beginDraining();
    });
  }

  async #drain(): Promise<void> {
    let failures = 0;
    await this.#pause(failures);
    while (this.#retries.size > 0) {
      const changes = this.#retries.peek(MAX_CHUNK);
      const sent = await this.#send(changes).then(
        () => true,
        () => false,
      );
      if (sent) this.#retries.settle(changes);
      else if (this.#closing.signal.aborted) return;
      else await this.#pause(failures);
      failures = sent ? 0 : failures + 1;
    }
  }

  /** Ends early when Redis is back. */
  async #pause(failures: number): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#retryNow = new AbortController();
    const backoffMs = Math.min(MIN_RETRY_MS * 2 ** failures, MAX_RETRY_MS) * (0.5 + Math.random() / 2);
    await setTimeout(backoffMs, undefined, { ref: false, signal: this.#retryNow.signal }).catch(() => {});
  }
}
