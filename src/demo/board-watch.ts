import type { Client, Entry, Page } from './client.ts';
import type { Answer } from './transport.ts';

/** A line of the board as the view shows it. */
interface BoardRow {
  readonly rank: number;
  readonly username: string;
  readonly score: number;
  /** Places won since a few seconds ago; negative when lost. */
  readonly climbed: number;
  readonly playsHere: boolean;
}

export interface BoardScene {
  readonly totalPlayers: number;
  readonly rows: readonly BoardRow[];
}

interface WatchOptions {
  readonly client: Client;
  readonly board: string;
  readonly rows: number;
  readonly isPlayer: (userId: string) => boolean;
  /** The player with the most points of this game. */
  readonly leader: () => string | undefined;
  readonly now: () => number;
}

const MEMORY_MS = 5000;
const ENTRIES_ABOVE_LEADER = 2;

/**
 * Makes the function that reads the visible part of the board: its top, or on a board that others lead the part
 * around the game's own leader. The last one read is returned while the service does not answer.
 */
export function createBoardWatch(options: WatchOptions): () => Promise<BoardScene | undefined> {
  const { now } = options;
  const past: { readonly at: number; readonly ranks: ReadonlyMap<string, number> }[] = [];
  let scene: BoardScene | undefined;
  let notBefore = 0;

  return async () => {
    if (now() < notBefore) return scene;
    const answer = await readVisible(options);
    if (answer.kind !== 'done') {
      notBefore = now() + answer.retryAfterMs;
      return scene;
    }
    const page = answer.body;
    past.push({ at: now(), ranks: new Map(page.entries.map((entry) => [entry.user_id, entry.rank])) });
    while ((past[1]?.at ?? now()) <= now() - MEMORY_MS) past.shift();
    const before = past[0]?.ranks ?? new Map<string, number>();
    scene = {
      totalPlayers: page.total_players,
      rows: page.entries.map((entry) => toRow(entry, before, options)),
    };
    return scene;
  };
}

async function readVisible({ client, board, rows, isPlayer, leader }: WatchOptions): Promise<Answer<Page>> {
  const top = await client.readPage(board, rows);
  const leaderId = leader();
  if (top.kind !== 'done' || leaderId === undefined) return top;
  if (top.body.entries.some(({ user_id }) => isPlayer(user_id))) return top;
  const answer = await client.readPosition(board, leaderId, rows);
  if (answer.kind !== 'done') return answer;
  const { around, total_players } = answer.body;
  const place = around.findIndex(({ user_id }) => user_id === leaderId);
  const from = Math.max(0, Math.min(place - ENTRIES_ABOVE_LEADER, around.length - rows));
  return { ...answer, body: { total_players, entries: around.slice(from, from + rows) } };
}

function toRow(entry: Entry, before: ReadonlyMap<string, number>, { isPlayer }: WatchOptions): BoardRow {
  return {
    rank: entry.rank,
    username: entry.username,
    score: entry.total_score,
    climbed: (before.get(entry.user_id) ?? entry.rank) - entry.rank,
    playsHere: isPlayer(entry.user_id),
  };
}
