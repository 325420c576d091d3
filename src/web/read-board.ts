import type { Database } from '../db/index.ts';
import { AppError } from '../errors.ts';
import {
  type Entry,
  type Leaderboard,
  leaderboardNotFound,
  type Leaderboards,
  listLeaderboards,
  type Page,
  readPage,
  readPosition,
} from '../leaderboards/index.ts';
import { findUserByName } from '../users/index.ts';

/** Everything that the page of a leaderboard shows. */
export interface Board {
  readonly leaderboard: Leaderboard;
  /** All there are, oldest first. */
  readonly leaderboards: readonly Leaderboard[];
  readonly page: Page;
  /** Undefined unless the page is some player's. */
  readonly player: BoardPlayer | undefined;
}

export interface BoardPlayer {
  /** As the page was asked for: an id or a name. */
  readonly name: string;
  /** Undefined when nobody has that name. */
  readonly userId: string | undefined;
  /** Undefined without a score on this leaderboard. */
  readonly entry: Entry | undefined;
}

export interface BoardInput {
  readonly leaderboardId: string;
  readonly limit: number;
  /** The id or the name of a player; a name cannot look like an id. */
  readonly player?: string | undefined;
}

interface BoardContext {
  readonly leaderboards: Leaderboards;
  readonly db: Database;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Reads a board as of 2 s ago or later. Throws leaderboard_not_found; a player who is not there is no failure. */
export async function readBoard(context: BoardContext, input: BoardInput): Promise<Board> {
  const { leaderboardId, limit, player: name } = input;
  const [leaderboards, page] = await Promise.all([
    listLeaderboards(context.leaderboards),
    readPage(context.leaderboards, { leaderboardId, limit, offset: 0 }),
  ]);
  const leaderboard = leaderboards.find(({ id }) => id === leaderboardId);
  if (leaderboard === undefined) throw leaderboardNotFound(leaderboardId);
  const player = name === undefined ? undefined : await findPlayer(context, { page, name });
  return { leaderboard, leaderboards, page, player };
}

async function findPlayer(
  { leaderboards, db }: BoardContext,
  { page, name }: { page: Page; name: string },
): Promise<BoardPlayer> {
  const id = name.toLowerCase();
  const userId = UUID.test(id) ? id : (await findUserByName(db, name))?.id;
  if (userId === undefined) return { name, userId, entry: undefined };
  const visible = page.entries.find((entry) => entry.userId === userId);
  const entry = visible ?? (await findEntry(leaderboards, page.leaderboardId, userId));
  return { name, userId, entry };
}

async function findEntry(
  leaderboards: Leaderboards,
  leaderboardId: string,
  userId: string,
): Promise<Entry | undefined> {
  try {
    return (await readPosition(leaderboards, { leaderboardId, userId, around: 0 })).entry;
  } catch (error) {
    if (error instanceof AppError && ['not_found', 'not_ranked'].includes(error.code)) return undefined;
    throw error;
  }
}
