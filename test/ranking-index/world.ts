import type { IndexedScore } from '../../src/leaderboards/ranking-index/index.ts';
import { newBoardId, player } from '../harness/ranking-board.ts';
import type { PrivateRedis } from '../harness/private-redis.ts';
import { emptyMirror, type Mirror } from './mirror.ts';

/** A rebuild of one process between two of its steps. */
export interface RunningRebuild {
  readonly id: string;
  /** Read from PostgreSQL, and not yet added. */
  page: readonly IndexedScore[];
  /** Pages go by user id; undefined when the last one was read. */
  readUpTo: string | undefined;
  hasReplayed: boolean;
}

/** PostgreSQL as it would be, a real index, and everything that is on its way from the one to the other. */
export interface World {
  readonly redis: PrivateRedis;
  readonly board: string;
  readonly rows: Map<string, IndexedScore>;
  readonly removed: Set<string>;
  /** Written to PostgreSQL, and not yet to the index. */
  scores: IndexedScore[];
  removals: string[];
  /** Whether something never reached the index, so that only a sync can make it right. */
  hasLost: boolean;
  /** One for every process that rebuilds. */
  readonly rebuilds: (RunningRebuild | undefined)[];
  readonly mirror: Mirror;
  /** Who plays in each slot; deleting an account frees it for a player with a new id. */
  readonly slots: number[];
  ticks: number;
}

const SLOTS = 12;
const PROCESSES = 2;

export function createWorld(redis: PrivateRedis): World {
  return {
    redis,
    board: newBoardId(),
    rows: new Map(),
    removed: new Set(),
    scores: [],
    removals: [],
    hasLost: false,
    rebuilds: Array.from({ length: PROCESSES }, () => undefined),
    mirror: emptyMirror(),
    slots: Array.from({ length: SLOTS }, (_, slot) => slot),
    ticks: 0,
  };
}

/** Commits a score: a rise at a new time, which some share, or a correction downwards that keeps the time. */
export function commitScore(world: World, slot: number, delta: number): void {
  const userId = userIn(world, slot);
  const old = world.rows.get(userId);
  const time = `2026-01-31T09:30:00.${String(Math.floor((world.ticks += 1) / 3)).padStart(6, '0')}Z`;
  const totalScore = Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, (old?.totalScore ?? 0) + delta));
  const hasRisen = old === undefined || totalScore > old.totalScore;
  const score = {
    userId,
    totalScore,
    version: (old?.version ?? 0) + 1,
    scoreFirstReachedAt: hasRisen ? time : old.scoreFirstReachedAt,
  };
  world.rows.set(userId, score);
  world.scores.push(score);
}

export function commitRemoval(world: World, slot: number): void {
  const userId = userIn(world, slot);
  world.slots[slot % SLOTS] = (world.slots[slot % SLOTS] ?? 0) + SLOTS;
  if (!world.rows.delete(userId)) return;
  world.removed.add(userId);
  world.removals.push(userId);
}

function userIn({ slots }: World, slot: number): string {
  return player(slots[slot % SLOTS] ?? 0);
}
