import { AppError } from '../errors.ts';
import {
  type Entry,
  type Leaderboard,
  leaderboardNotFound,
  type Leaderboards,
  listLeaderboards,
  type Page,
  readPage,
  readNewest,
  readPosition,
} from '../leaderboards/index.ts';
import { findUserByName, Username } from '../users/index.ts';

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

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Reads a board as of 2 s ago or later. Throws leaderboard_not_found; a player who is not there is no failure. */
export async function readBoard(from: Leaderboards, input: BoardInput): Promise<Board> {
  const { leaderboardId, limit, player: name } = input;
  const [leaderboards, page] = await Promise.all([
    listLeaderboards(from),
    readPage(from, { leaderboardId, limit, offset: 0 }),
  ]);
  const leaderboard = leaderboards.find(({ id }) => id === leaderboardId);
  if (leaderboard === undefined) throw leaderboardNotFound(leaderboardId);
  const player = name === undefined ? undefined : await findPlayer(from, { page, name });
  return { leaderboard, leaderboards, page, player };
}

async function findPlayer(
  leaderboards: Leaderboards,
  { page, name }: { page: Page; name: string },
): Promise<BoardPlayer> {
  const userId = await findUserId(leaderboards, name.toLowerCase());
  if (userId === undefined) return { name, userId, entry: undefined };
  const visible = page.entries.find((entry) => entry.userId === userId);
  const entry = visible ?? (await findEntry(leaderboards, page.leaderboardId, userId));
  return { name, userId, entry };
}

/** Anything may come as a name, such as what PostgreSQL takes for no text. */
async function findUserId(leaderboards: Leaderboards, name: string): Promise<string | undefined> {
  if (UUID.test(name)) return name;
  if (!Username.safeParse(name).success) return undefined;
  const key = `user ${name}`;
  const user = await readNewest(leaderboards, { key, query: async (db) => await findUserByName(db, name) });
  return user?.id;
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
