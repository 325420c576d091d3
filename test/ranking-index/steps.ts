import { randomUUID } from 'node:crypto';

import { expect } from 'vitest';

import {
  abandonRebuild,
  addRows,
  applyScores,
  beginRebuild,
  removePlayers,
  switchRebuild,
} from '../../src/leaderboards/ranking-index/index.ts';
import {
  emptyMirror,
  inOrder,
  mirrorAbandon,
  mirrorBegin,
  mirrorRemoval,
  mirrorRows,
  mirrorScores,
  mirrorSwitch,
} from './mirror.ts';
import { commitRemoval, commitScore, type RunningRebuild, type World } from './world.ts';

/** A step is chosen by numbers alone, so that any list of them can run, and a failing one can be shortened. */
export interface Step {
  readonly kind: keyof typeof steps;
  readonly pick: number;
  readonly size: number;
}

const PAGE = 3;
const DELTAS = [1, 1, 2, 100, Number.MAX_SAFE_INTEGER, -1, -50, 0];

export const steps = {
  score: (world: World, { pick, size }: Step) => commitScore(world, pick, DELTAS[size % DELTAS.length] ?? 1),
  remove: (world: World, { pick }: Step) => commitRemoval(world, pick),

  /** Some of what waits, in any order, of which every other is sent again later. */
  deliverScores: async (world: World, { pick, size }: Step) => {
    const batch = shuffled(world.scores, pick).slice(0, size);
    const again = batch.filter((_, index) => (pick + index) % 2 === 0);
    world.scores = [...world.scores.filter((score) => !batch.includes(score)), ...again];
    await deliverScores(world, batch);
  },
  deliverRemovals: async (world: World, { pick, size }: Step) => {
    const batch = shuffled(world.removals, pick).slice(0, size);
    const again = batch.filter((_, index) => (pick + index) % 2 === 0);
    world.removals = [...world.removals.filter((userId) => !batch.includes(userId)), ...again];
    await deliverRemovals(world, batch);
  },
  loseScores: (world: World) => {
    world.hasLost ||= world.scores.length > 0;
    world.scores = [];
  },
  loseRemovals: (world: World) => {
    world.hasLost ||= world.removals.length > 0;
    world.removals = [];
  },

  begin: async (world: World, { pick }: Step) => await begin(world, pick % world.rebuilds.length),
  rebuild: async (world: World, { pick }: Step) => {
    const running = [...world.rebuilds.keys()].filter((process) => world.rebuilds[process] !== undefined);
    await stepRebuild(world, running[pick % running.length] ?? 0);
  },
  abandon: async (world: World, { pick }: Step) => await abandon(world, pick % world.rebuilds.length),

  expireRebuild: async ({ redis, board, mirror }: World) => {
    mirror.rebuild = undefined;
    await redis.command('DEL', `leaderboard:{${board}}:rebuild`);
  },
  evict: async ({ redis, board, mirror }: World, { pick }: Step) => {
    const key = ['', ':members', ':ready'][pick % 3] ?? '';
    if (key !== '' || mirror.rows.size > 0) mirror.ready = false;
    await redis.command('DEL', `leaderboard:{${board}}${key}`);
  },
  flush: async ({ redis, mirror }: World) => {
    Object.assign(mirror, emptyMirror());
    await redis.command('FLUSHALL');
  },
} as const;

/** Takes the next step of a process that rebuilds: read a page; add it; …; replay removals; switch. */
async function stepRebuild(world: World, process: number): Promise<void> {
  const running = world.rebuilds[process];
  if (running === undefined) return;
  if (running.page.length > 0) return await addPage(world, process, running);
  if (running.readUpTo !== undefined) return readPage(world, running);
  if (!running.hasReplayed) {
    running.hasReplayed = true;
    return await deliverRemovals(world, [...world.removed].slice(-64));
  }
  world.rebuilds[process] = undefined;
  const switched = mirrorSwitch(world.mirror, running.id);
  expect(await switchRebuild(world.redis, world.board, running.id)).toBe(switched);
}

async function begin(world: World, process: number): Promise<void> {
  const id = randomUUID();
  world.rebuilds[process] = { id, page: [], readUpTo: '', hasReplayed: false };
  mirrorBegin(world.mirror, id);
  await beginRebuild(world.redis, world.board, id);
}

function readPage({ rows }: World, running: RunningRebuild): void {
  const left = [...rows.keys()].filter((userId) => userId > (running.readUpTo ?? '')).sort();
  const page = left.slice(0, PAGE);
  running.page = page.flatMap((userId) => rows.get(userId) ?? []);
  running.readUpTo = page.at(-1);
}

async function addPage(world: World, process: number, running: RunningRebuild): Promise<void> {
  const { id, page: rows } = running;
  running.page = [];
  const stands = mirrorRows(world.mirror, id, rows);
  if (!stands) world.rebuilds[process] = undefined;
  expect(await addRows(world.redis, world.board, { id, rows })).toBe(stands);
}

async function abandon(world: World, process: number): Promise<void> {
  const running = world.rebuilds[process];
  if (running === undefined) return;
  world.rebuilds[process] = undefined;
  const abandoned = mirrorAbandon(world.mirror, running.id);
  expect(await abandonRebuild(world.redis, world.board, running.id)).toBe(abandoned);
}

async function deliverScores(world: World, scores: World['scores']): Promise<void> {
  const { redis, board, mirror } = world;
  mirrorScores(mirror, scores);
  const order = inOrder(mirror.rows).map(({ userId }) => userId);
  const ranks = scores.map(({ userId }) => order.indexOf(userId) + 1 || null);
  const expected = mirror.ready ? { totalPlayers: order.length, ranks } : undefined;
  expect(await applyScores(redis, board, scores)).toEqual(expected);
}

async function deliverRemovals({ redis, board, mirror }: World, userIds: readonly string[]): Promise<void> {
  const known = userIds.filter((userId) => mirror.rows.has(userId)).length;
  mirrorRemoval(mirror, userIds);
  const removed = await removePlayers(redis, board, userIds);
  if (mirror.ready) expect(removed).toBe(known);
}

/** In an order that `seed` decides. */
function shuffled<Item>(items: readonly Item[], seed: number): Item[] {
  const keyed = items.map((item, index) => ({
    item,
    key: ((index + 1) * (2 * seed + 1) * 2_654_435_761) % 4_294_967_296,
  }));
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}

/** Everything that waits arrives; a board that is not ready is rebuilt; what was lost is made good by a replay. */
export async function settle(world: World, seed: number): Promise<void> {
  await deliverAll(world, shuffled(world.scores, seed).slice(0, Math.ceil(world.scores.length / 2)));
  if (!world.mirror.ready) await begin(world, 0);
  while (world.rebuilds[0] !== undefined) await stepRebuild(world, 0);
  for (const score of shuffled(world.scores, seed + 1)) await deliverScores(world, [score]);
  await deliverRemovals(world, [...new Set(world.removals)].slice(0, 64));
  if (!world.hasLost) return;
  await deliverRemovals(world, [...world.removed].slice(-64));
  await deliverAll(world, [...world.rows.values()]);
}

async function deliverAll(world: World, scores: World['scores']): Promise<void> {
  for (let at = 0; at < scores.length; at += 64) await deliverScores(world, scores.slice(at, at + 64));
}
