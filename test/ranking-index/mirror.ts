import type { IndexedScore } from '../../src/leaderboards/ranking-index/index.ts';

type Rows = Map<string, IndexedScore>;

/** What the index must hold after the same steps, without Redis. */
export interface Mirror {
  ready: boolean;
  rows: Rows;
  nextRows: Rows;
  rebuild: string | undefined;
  tombstones: Set<string>;
}

export function emptyMirror(): Mirror {
  return { ready: false, rows: new Map(), nextRows: new Map(), rebuild: undefined, tombstones: new Set() };
}

export function mirrorScores(mirror: Mirror, scores: readonly IndexedScore[]): void {
  if (mirror.ready) upsert(mirror, mirror.rows, scores);
  if (mirror.rebuild !== undefined) upsert(mirror, mirror.nextRows, scores);
}

export function mirrorRemoval(mirror: Mirror, userIds: readonly string[]): void {
  for (const userId of userIds) {
    mirror.tombstones.add(userId);
    mirror.rows.delete(userId);
    mirror.nextRows.delete(userId);
  }
}

export function mirrorBegin(mirror: Mirror, id: string): void {
  mirror.rebuild = id;
  mirror.nextRows = new Map();
}

/** Tells whether the rebuild still stands. */
export function mirrorRows(mirror: Mirror, id: string, rows: readonly IndexedScore[]): boolean {
  if (mirror.rebuild !== id) return false;
  upsert(mirror, mirror.nextRows, rows);
  return true;
}

export function mirrorSwitch(mirror: Mirror, id: string): boolean {
  if (mirror.rebuild !== id) return false;
  Object.assign(mirror, { ready: true, rows: mirror.nextRows, nextRows: new Map(), rebuild: undefined });
  return true;
}

export function mirrorAbandon(mirror: Mirror, id: string): boolean {
  if (mirror.rebuild !== id) return false;
  Object.assign(mirror, { nextRows: new Map(), rebuild: undefined });
  return true;
}

function upsert({ tombstones }: Mirror, rows: Rows, scores: readonly IndexedScore[]): void {
  for (const score of scores) {
    const stored = rows.get(score.userId);
    if (tombstones.has(score.userId) || (stored !== undefined && stored.version >= score.version)) continue;
    rows.set(score.userId, score);
  }
}

/** In the order of every board. */
export function inOrder(rows: Rows): IndexedScore[] {
  return [...rows.values()].sort(compareScores);
}

function compareScores(a: IndexedScore, b: IndexedScore): number {
  if (a.totalScore !== b.totalScore) return b.totalScore - a.totalScore;
  if (a.scoreFirstReachedAt !== b.scoreFirstReachedAt) {
    return a.scoreFirstReachedAt < b.scoreFirstReachedAt ? -1 : 1;
  }
  return a.userId > b.userId ? -1 : 1;
}
