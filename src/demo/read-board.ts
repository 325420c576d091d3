import type { Entry } from './client.ts';
import { DemoError } from './demo-error.ts';
import type { GameContext } from './game-context.ts';
import { untilAnswered } from './until-answered.ts';

export interface BoardReading {
  /** The first 100 entries. */
  readonly entries: readonly Entry[];
  /** Of every player of the game: 0 for one without a score, undefined for one whom the board does not know. */
  readonly totals: ReadonlyMap<string, number | undefined>;
}

const PAGE_SIZE = 100;
const SILENCE_LIMIT_MS = 5000;
const PER_PLAYER_MS = 500;

/** Reads what the board says after the game. Throws a DemoError when the service does not say it in time. */
export async function readBoard({ client, board, players }: GameContext): Promise<BoardReading> {
  const soon = AbortSignal.timeout(SILENCE_LIMIT_MS);
  const page = await untilAnswered(async () => await client.readPage(board, PAGE_SIZE), soon);
  if (page.kind !== 'done') throw unreadable(page.kind === 'lost' ? page.reason : page.code);
  // A service with a limit of reads for each address lets some of these wait.
  const deadline = AbortSignal.timeout(SILENCE_LIMIT_MS + players.length * PER_PLAYER_MS);
  const totals = players.map(
    async ({ userId }) => [userId, await readTotal({ client, board }, userId, deadline)] as const,
  );
  return { entries: page.body.entries, totals: new Map(await Promise.all(totals)) };
}

async function readTotal(
  { client, board }: Pick<GameContext, 'client' | 'board'>,
  userId: string,
  deadline: AbortSignal,
): Promise<number | undefined> {
  const answer = await untilAnswered(async () => await client.readPosition(board, userId), deadline);
  if (answer.kind === 'done') return answer.body.entry.total_score;
  if (answer.kind === 'lost') throw unreadable(answer.reason);
  if (answer.code === 'not_ranked') return 0;
  if (answer.code === 'not_found') return undefined;
  throw unreadable(answer.code);
}

function unreadable(reason: string): DemoError {
  return new DemoError(`The board could not be read after the game, so nothing was compared: ${reason}`);
}
