import type { BoardScene } from './board-watch.ts';
import type { Totals } from './books.ts';
import type { Latency, Losses } from './meter.ts';

/** Everything that one picture of the game shows. */
export interface Scene {
  readonly url: string;
  readonly boardId: string;
  readonly elapsedSeconds: number;
  /** 0 when the game has no end. */
  readonly seconds: number;
  readonly joined: number;
  readonly players: number;
  readonly board: BoardScene | undefined;
  readonly totals: Totals;
  readonly requestsPerSecond: number;
  readonly latency: Latency | undefined;
  readonly losses: Losses;
  readonly phase: 'playing' | 'settling' | 'over';
}

type Style = 'bold' | 'dim' | 'green' | 'red';
export type Paint = (style: Style, text: string) => string;

interface Segment {
  readonly text: string;
  readonly style?: Style;
}
type Line = readonly Segment[];

interface ViewOptions {
  readonly columns: number;
  readonly paint: Paint;
}

/** Lines of the view besides the board's rows. */
export const VIEW_FRAME_LINES = 13;

const NAME_WIDTH = 32;
const INDENT = '         ';
const MAX_REFUSAL_LINES = 3;

const hints = {
  playing: 'Ctrl-C stops the game',
  settling: 'The game is over; waiting for the last answers',
  over: '',
};

/** The whole picture, a line for each entry, none wider than `columns`. */
export function renderView(scene: Scene, { columns, paint }: ViewOptions): string[] {
  const lines = [
    titleOf(scene),
    [],
    [{ text: `   #     ${'player'.padEnd(NAME_WIDTH)} ${'score'.padStart(12)}`, style: 'dim' } as const],
    ...boardLines(scene),
    [],
    ...countLines(scene, columns),
    [],
    [{ text: hints[scene.phase], style: 'dim' } as const],
  ];
  return lines.map((line) => renderLine(line, columns, paint));
}

/** The same as one plain line, for logs and pipes. */
export function renderPlainLine(scene: Scene): string {
  const { totals, joined, players, board } = scene;
  const leader = board?.rows.find(({ playsHere }) => playsHere);
  return [
    `${clock(scene)} players ${joined}/${players}`,
    `accepted ${number(totals.updates)}`,
    `refused ${number(totals.refused)}${totals.refused > 0 ? ` (${refusalTexts(totals).join(', ')})` : ''}`,
    `waiting ${totals.open}`,
    `requests ${rates(scene)}`,
    ...(leader ? [`best ${leader.username}, rank ${leader.rank}, ${number(leader.score)} points`] : []),
  ].join(' | ');
}

/** Milliseconds for people: two digits that count. */
export function formatLatency(latency: Latency | undefined): string {
  if (latency === undefined) return '-';
  const ms = (value: number) => (value < 10 ? value.toFixed(1) : String(Math.round(value)));
  return `p50 ${ms(latency.p50Ms)} ms, p99 ${ms(latency.p99Ms)} ms`;
}

/** A number with its thousands apart. */
export function number(value: number): string {
  return value.toLocaleString('en');
}

function titleOf(scene: Scene): Line {
  const of = `  ${scene.url}  board ${scene.boardId}  players ${scene.joined}/${scene.players}  ${clock(scene)}`;
  return [{ text: 'Laurel', style: 'bold' }, { text: of }];
}

function boardLines({ board }: Scene): Line[] {
  if (board === undefined || board.rows.length === 0) return [[{ text: '   nobody has scored yet' }]];
  const more = board.totalPlayers - board.rows.length;
  const rows = board.rows.map(({ rank, username, score, climbed, playsHere }): Line => [
    { text: String(rank).padStart(4) },
    movement(climbed),
    {
      text: ` ${username.padEnd(NAME_WIDTH)} ${number(score).padStart(12)}`,
      ...(!playsHere && { style: 'dim' as const }),
    },
  ]);
  return [...rows, [{ text: more > 0 ? `   and ${number(more)} more` : '', style: 'dim' }]];
}

function movement(climbed: number): Segment {
  if (climbed === 0) return { text: '    ' };
  const arrow = climbed > 0 ? '▲' : '▼';
  return {
    text: ` ${arrow}${Math.min(99, Math.abs(climbed))}`.padEnd(4),
    style: climbed > 0 ? 'green' : 'red',
  };
}

function countLines(scene: Scene, columns: number): Line[] {
  const { totals } = scene;
  return [
    [
      { text: 'accepted ' },
      { text: number(totals.updates).padStart(8), style: 'green' },
      {
        text: `   ${number(totals.points)} points, honest retries ${totals.replays}, waiting ${totals.open}`,
      },
    ],
    [{ text: 'refused  ' }, { text: number(totals.refused).padStart(8), style: 'red' }],
    ...wrap(refusalTexts(totals), columns - INDENT.length).map((text) => [{ text: INDENT + text }]),
    [{ text: `requests ${rates(scene)}` }],
  ];
}

/** Puts as many items on a line as fit, at most three lines. */
function wrap(items: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  for (const item of items) {
    const longer = `${lines.at(-1) ?? ''}, ${item}`;
    if (lines.length > 0 && longer.length <= columns) lines[lines.length - 1] = longer;
    else lines.push(item);
  }
  return lines.slice(0, MAX_REFUSAL_LINES);
}

function rates({ requestsPerSecond, latency, losses }: Scene): string {
  const lost = losses.count === 0 ? '' : `, unanswered ${number(losses.count)} (${losses.lastReason})`;
  return `${requestsPerSecond.toFixed(1)}/s, updates ${formatLatency(latency)}${lost}`;
}

function refusalTexts({ refusals }: Totals): string[] {
  return refusals.map(([code, count]) => `${code} ${number(count)}`);
}

function clock({ elapsedSeconds, seconds }: Scene): string {
  return seconds === 0 ? minutes(elapsedSeconds) : `${minutes(elapsedSeconds)} of ${minutes(seconds)}`;
}

function minutes(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;
}

function renderLine(line: Line, columns: number, paint: Paint): string {
  let left = columns;
  return line
    .map(({ text, style }) => {
      const cut = text.slice(0, left);
      left -= cut.length;
      return style === undefined || cut === '' ? cut : paint(style, cut);
    })
    .join('');
}
