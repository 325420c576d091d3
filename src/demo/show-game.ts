import { type BoardScene, createBoardWatch } from './board-watch.ts';
import type { GameContext } from './game-context.ts';
import type { Meter } from './meter.ts';
import { pause } from './pause.ts';
import type { Terminal } from './terminal.ts';
import { renderPlainLine, renderView, type Scene, VIEW_FRAME_LINES } from './view.ts';

interface ShowOptions {
  readonly terminal: Terminal;
  readonly meter: Meter;
  readonly facts: Pick<Scene, 'url' | 'boardId' | 'seconds' | 'players'>;
  readonly elapsedSeconds: () => number;
  /** Aborted when the game is over; one last picture follows. */
  readonly over: AbortSignal;
}

const READ_INTERVAL_MS = 500;
const DRAW_INTERVAL_MS = 500;
const PRINT_INTERVAL_MS = 5000;
const MAX_ROWS = 12;
const MIN_ROWS = 3;

/** Shows the game until it is over: a picture twice a second on a terminal, a line every 5 seconds elsewhere. */
export async function showGame(ctx: GameContext, options: ShowOptions): Promise<void> {
  const { terminal, over } = options;
  const watch = createBoardWatch({
    client: ctx.client,
    board: ctx.board,
    rows: Math.max(MIN_ROWS, Math.min(MAX_ROWS, terminal.rows() - VIEW_FRAME_LINES)),
    isPlayer: (id) => ctx.players.some(({ userId }) => userId === id),
    leader: () => findLeader(ctx),
    now: Date.now,
  });
  let board: BoardScene | undefined;
  const read = async () => {
    board = await watch();
  };
  const show = () => display(terminal, toScene(ctx, options, board));
  await Promise.all([
    repeat(read, { intervalMs: READ_INTERVAL_MS, over }),
    repeat(show, { intervalMs: terminal.isLive ? DRAW_INTERVAL_MS : PRINT_INTERVAL_MS, over }),
  ]);
  await read();
  show();
}

async function repeat(
  action: () => Promise<void> | void,
  { intervalMs, over }: { intervalMs: number; over: AbortSignal },
): Promise<void> {
  while (!over.aborted) {
    await action();
    await pause(intervalMs, over);
  }
}

function display(terminal: Terminal, scene: Scene): void {
  if (!terminal.isLive) return terminal.print(renderPlainLine(scene));
  terminal.draw(renderView(scene, { columns: terminal.columns(), paint: terminal.paint }));
}

function toScene(ctx: GameContext, options: ShowOptions, board: BoardScene | undefined): Scene {
  const { meter, facts, elapsedSeconds, over } = options;
  const settlingPhase = ctx.stop.aborted ? 'settling' : 'playing';
  return {
    ...facts,
    elapsedSeconds: elapsedSeconds(),
    joined: ctx.players.length,
    board,
    totals: ctx.books.totals(),
    requestsPerSecond: meter.requestsPerSecond(),
    latency: meter.latency(),
    losses: meter.losses(),
    phase: over.aborted ? 'over' : settlingPhase,
  };
}

/** The player of this game with the most points, if anybody has one. */
function findLeader({ players, books }: GameContext): string | undefined {
  let leader: string | undefined;
  let most = 0;
  for (const { userId } of players) {
    const { accepted } = books.account(userId);
    if (accepted <= most) continue;
    most = accepted;
    leader = userId;
  }
  return leader;
}
