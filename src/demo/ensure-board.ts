import type { Client } from './client.ts';
import { DemoError } from './demo-error.ts';
import { untilAnswered } from './until-answered.ts';

/** Makes the board unless it exists; `findAdminKey` is only called to make one. */
export async function ensureBoard(
  client: Client,
  { board, findAdminKey, signal }: { board: string; findAdminKey: () => string; signal: AbortSignal },
): Promise<void> {
  const page = await untilAnswered(async () => await client.readPage(board, 1), signal);
  if (page.kind === 'done') return;
  if (page.kind === 'lost') throw new DemoError(`The board ${board} could not be read: ${page.reason}`);
  if (page.code !== 'leaderboard_not_found') {
    throw new DemoError(`The board ${board} could not be read: ${page.code}`);
  }
  const key = findAdminKey();
  const made = await untilAnswered(async () => await client.makeBoard(key, board), signal);
  if (made.kind === 'done') return;
  throw new DemoError(
    `The board ${board} does not exist and could not be made: ${made.kind === 'lost' ? made.reason : made.code}`,
  );
}
