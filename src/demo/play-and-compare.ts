import { createBooks } from './books.ts';
import { type Client, createClient } from './client.ts';
import { DemoError } from './demo-error.ts';
import { ensureBoard } from './ensure-board.ts';
import { followSignals } from './follow-signals.ts';
import type { GameContext } from './game-context.ts';
import { playGame } from './game.ts';
import { findKey } from './keys.ts';
import { createMeter, type Meter } from './meter.ts';
import type { Options } from './options.ts';
import { readBoard } from './read-board.ts';
import { showGame } from './show-game.ts';
import { summarize, type Summary } from './summary.ts';
import type { Terminal } from './terminal.ts';

export interface Surroundings {
  readonly url: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly terminal: Terminal;
  /** Aborted when the person wants the game to end. */
  readonly interrupt: AbortSignal;
}

/** How long after the game's end an answer is waited for before its update counts as unknown. */
const SETTLE_MS = 10_000;

/** Plays a whole game and compares its books with the board. Throws a DemoError when it cannot be played. */
export async function playAndCompare(options: Options, surroundings: Surroundings): Promise<Summary> {
  const { url, env, interrupt } = surroundings;
  const { board } = options;
  const meter = createMeter(Date.now);
  const client = createClient({ url, meter, fetch });
  const gameServiceKey = findKey('GAME_SERVICE_API_KEY', { url, env });
  const findAdminKey = () => findKey('ADMIN_API_KEY', { url, env });
  await ensureBoard(client, { board, findAdminKey, signal: interrupt });

  const ctx = createContext({ client, board, gameServiceKey }, endings(options.seconds, interrupt));
  const elapsedSeconds = await play(ctx, { options, meter, ...surroundings });
  const reading = await readBoard(ctx).catch(onlyDemoError);
  const { players, books } = ctx;
  return summarize({
    boardId: board,
    elapsedSeconds,
    players,
    wanted: options.players,
    books,
    meter,
    reading,
  });
}

function createContext(
  fixed: { client: Client; board: string; gameServiceKey: string },
  ends: Pick<GameContext, 'stop' | 'giveUp'>,
): GameContext {
  return { ...fixed, ...ends, books: createBooks(), players: [] };
}

/** The end of play, by time or by a person, and the end of waiting for answers. */
function endings(seconds: number, interrupt: AbortSignal): Pick<GameContext, 'stop' | 'giveUp'> {
  const stop = followSignals(interrupt);
  const giveUp = followSignals();
  const endWaiting = () => setTimeout(() => giveUp.abort(), SETTLE_MS).unref();
  if (stop.signal.aborted) endWaiting();
  stop.signal.addEventListener('abort', endWaiting);
  if (seconds > 0) setTimeout(() => stop.abort(), seconds * 1000).unref();
  return { stop: stop.signal, giveUp: giveUp.signal };
}

/** Plays and shows the game; resolves with how long it took, in seconds. */
async function play(
  ctx: GameContext,
  { options, meter, url, terminal }: Surroundings & { options: Options; meter: Meter },
): Promise<number> {
  const { seconds, players } = options;
  const startedAtMs = Date.now();
  const elapsedSeconds = () => (Date.now() - startedAtMs) / 1000;
  const over = new AbortController();
  const facts = { url, boardId: ctx.board, seconds, players };
  const shown = showGame(ctx, { terminal, meter, facts, elapsedSeconds, over: over.signal });
  const endsAtMs = seconds === 0 ? Infinity : startedAtMs + seconds * 1000;
  try {
    await playGame(ctx, { ...options, endsAtMs });
    return elapsedSeconds();
  } finally {
    over.abort();
    await shown;
  }
}

function onlyDemoError(error: unknown): DemoError {
  if (error instanceof DemoError) return error;
  throw error;
}
