import pLimit from 'p-limit';

import type { Database } from '../../db/index.ts';
import { unavailable } from '../../errors.ts';
import type { RedisClient } from '../../redis/index.ts';
import type { Logger } from '../../telemetry/log.ts';
import { countIndexedPlayers, findReport, saveReport } from '../ranking-index/index.ts';
import { hasLeaderboard, selectLeaderboards } from '../repository.ts';
import type { Comparison } from './compare.ts';
import { rebuild } from './rebuild.ts';
import { replay, type Stores } from './replay.ts';
import type { SyncMode, SyncReport } from './report.ts';
import { readClock } from './repository.ts';
import { syncBoard } from './sync-board.ts';
import { withSyncLock } from './with-sync-lock.ts';

interface SynchronizerOptions {
  readonly db: Database;
  readonly redis: RedisClient;
  readonly log: Logger;
  /** Told how many entries of a board differed, once in every sync of this process. */
  readonly onCompared: (leaderboardId: string, drifted: number) => void;
  /** Told of each board that was built anew. */
  readonly onBuilt?: (leaderboardId: string) => void;
}

/** For one call of patient work: a board of a million is built beside everything else that Redis does. */
const COMMAND_MS = 2000;
/** Between two attempts to build a board; one that failed doubles the next. */
const MIN_REST_MS = 250;
const MAX_REST_MS = 30_000;
const MAX_WANTED = 100;
/** Most of a verification is waiting. */
const BOARDS_AT_ONCE = 4;
/** Whoever asks at even intervals asks a few milliseconds early now and then. */
const DUE_AFTER = 0.9;

/** Keeps the boards of the index complete. One process at a time works on a board, elected by its lock. */
export class Synchronizer {
  readonly #options: SynchronizerOptions;
  readonly #wanted = new Set<string>();
  /** Of boards that could not be built since Redis came back. */
  readonly #failures = new Map<string, number>();
  /** Each board's work holds a connection and Redis for a while: they take turns. */
  readonly #turns = pLimit(BOARDS_AT_ONCE);
  readonly #closing = new AbortController();
  readonly #working = new Set<Promise<unknown>>();

  constructor(options: SynchronizerOptions) {
    this.#options = options;
    options.redis.health.onChange(() => this.#failures.clear());
  }

  /** Replays every board. What a board that is not ready needs is begun, and not waited for. */
  async replayAll(): Promise<void> {
    const stores = this.#stores();
    for (const { id } of await selectLeaderboards(this.#options.db)) {
      if (!(await replay(stores, id))) this.requestRebuild(id);
    }
  }

  /** Builds a board that is not ready, unless somebody does already; never waits and never fails. */
  requestRebuild(leaderboardId: string): void {
    if (this.#wanted.has(leaderboardId) || this.#wanted.size >= MAX_WANTED) return;
    this.#wanted.add(leaderboardId);
    const { log } = this.#options;
    const failures = this.#failures.get(leaderboardId) ?? 0;
    this.#track(this.#buildMissing(leaderboardId))
      .then(
        () => this.#failures.delete(leaderboardId),
        (err: unknown) => {
          if (this.#closing.signal.aborted) return;
          this.#failures.set(leaderboardId, failures + 1);
          log.warn({ err, leaderboard_id: leaderboardId }, 'building the ranking index failed');
        },
      )
      .finally(() => this.#rest(leaderboardId));
  }

  /** What fails, as in a Redis that is too small, would otherwise read every score again and again. */
  #rest(leaderboardId: string): void {
    const restMs = Math.min(MIN_REST_MS * 2 ** (this.#failures.get(leaderboardId) ?? 0), MAX_REST_MS);
    setTimeout(() => this.#wanted.delete(leaderboardId), restMs).unref();
  }

  /** Throws unavailable while another process does the same, and when Redis cannot be used. */
  async sync(leaderboardId: string, mode: SyncMode): Promise<SyncReport> {
    const report = await this.#syncUnless(leaderboardId, mode, async () => false);
    if (report === undefined) throw unavailable(`a sync of ${leaderboardId} is running`);
    return report;
  }

  /** Verifies the boards that no process has looked at for `intervalMs`; returns how many. */
  async verifyDue(intervalMs: number): Promise<number> {
    return await this.#syncAll('verify', async (id) => {
      const last = await this.findReport(id);
      if (last === undefined) return false;
      const now = await readClock(this.#options.db);
      return Date.parse(now) - Date.parse(last.checkedAt) < intervalMs * DUE_AFTER;
    });
  }

  /** Builds every board anew on which no other process works; returns how many. */
  async rebuildAll(): Promise<number> {
    return await this.#syncAll('rebuild', async () => false);
  }

  /** The last report of any process. */
  async findReport(leaderboardId: string): Promise<SyncReport | undefined> {
    const text = await findReport(this.#options.redis, leaderboardId);
    return text === undefined ? undefined : (JSON.parse(text) as SyncReport);
  }

  /** Ends what is under way, which lets go of its locks. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#working);
  }

  /** Anybody may ask for a leaderboard that does not exist. */
  async #buildMissing(leaderboardId: string): Promise<void> {
    const stores = this.#stores();
    if (!(await hasLeaderboard(stores.db, leaderboardId))) return;
    await this.#turns(withSyncLock, stores.redis, leaderboardId, async () => {
      if ((await countIndexedPlayers(stores.redis, leaderboardId)) !== undefined) return;
      await rebuild(stores, leaderboardId);
      this.#options.onBuilt?.(leaderboardId);
      this.#options.log.info({ leaderboard_id: leaderboardId }, 'the ranking index was built');
    });
  }

  async #track<Result>(work: Promise<Result>): Promise<Result> {
    this.#working.add(work);
    return await work.finally(() => this.#working.delete(work));
  }

  async #syncAll(mode: SyncMode, isDone: (leaderboardId: string) => Promise<boolean>): Promise<number> {
    const boards = await selectLeaderboards(this.#options.db);
    const reports = await Promise.allSettled(
      boards.map(({ id }) =>
        this.#turns(async () => await this.#syncUnless(id, mode, async () => await isDone(id))),
      ),
    );
    const failures = reports.flatMap((report) =>
      report.status === 'rejected' ? [report.reason as unknown] : [],
    );
    if (failures.length > 0) throw new AggregateError(failures, 'some boards were not synced');
    return reports.filter((report) => report.status === 'fulfilled' && report.value !== undefined).length;
  }

  async #syncUnless(
    leaderboardId: string,
    mode: SyncMode,
    isDone: () => Promise<boolean>,
  ): Promise<SyncReport | undefined> {
    const { log } = this.#options;
    const onCompared = ({ drifted }: Comparison) => this.#options.onCompared(leaderboardId, drifted);
    const stores = this.#stores();
    const work = withSyncLock(stores.redis, leaderboardId, async () => {
      if (await isDone()) return undefined;
      const report = await syncBoard(stores, { leaderboardId, mode, log, onCompared });
      if (report.rebuilt) this.#options.onBuilt?.(leaderboardId);
      await saveReport(stores.redis, leaderboardId, JSON.stringify(report));
      return report;
    });
    return (await this.#track(work))?.result;
  }

  #stores(): Stores {
    const { db, redis } = this.#options;
    return { db, redis: redis.within({ commandMs: COMMAND_MS }), signal: this.#closing.signal };
  }
}
