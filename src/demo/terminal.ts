import type { WriteStream } from 'node:tty';
import { styleText } from 'node:util';

import type { Paint } from './view.ts';

/** Where the game is shown: redrawn in place on a terminal, line by line anywhere else. */
export interface Terminal {
  readonly isLive: boolean;
  readonly paint: Paint;
  columns(): number;
  rows(): number;
  /** Replaces what was drawn before. */
  draw(lines: readonly string[]): void;
  /** Writes text that stays. */
  print(text: string): void;
  /** Leaves what was drawn in place and shows the cursor again. */
  close(): void;
}

const HIDE_CURSOR = '\u001B[?25l';
const SHOW_CURSOR = '\u001B[?25h';
const ERASE_BELOW = '\u001B[J';
const ERASE_LINE = '\u001B[K';

const CLEAR_SCREEN = '\u001B[2J\u001B[H';

const up = (lines: number) => (lines > 0 ? `\r\u001B[${lines}A` : '');

/** Honours NO_COLOR and TERM=dumb (https://no-color.org). */
export function openTerminal(
  stream: WriteStream,
  env: Readonly<Record<string, string | undefined>>,
): Terminal {
  const isLive = stream.isTTY && env['TERM'] !== 'dumb';
  const hasColors = isLive && !env['NO_COLOR'];
  const columns = () => stream.columns || 80;
  const rows = () => stream.rows || 24;
  let drawn: readonly string[] = [];
  let drawnColumns = columns();
  let isHidden = false;

  const draw = (lines: readonly string[]) => {
    // Narrower lines would have been wrapped by the terminal, so that nobody knows how many there are.
    const from = columns() === drawnColumns ? up(drawn.length) : CLEAR_SCREEN;
    drawnColumns = columns();
    drawn = lines.slice(0, rows() - 1);
    const text = drawn.map((line) => `${line}${ERASE_LINE}\n`).join('');
    stream.write(`${isHidden ? '' : HIDE_CURSOR}${from}${text}${ERASE_BELOW}`);
    isHidden = true;
  };
  const print = (text: string) => {
    if (drawn.length > 0) stream.write(`${up(drawn.length)}${ERASE_BELOW}`);
    stream.write(`${text}\n`);
    const below = drawn;
    drawn = [];
    if (below.length > 0) draw(below);
  };
  const close = () => {
    drawn = [];
    if (isHidden) stream.write(SHOW_CURSOR);
    isHidden = false;
  };
  const paint: Paint = (style, text) => (hasColors ? styleText(style, text) : text);
  return { isLive, paint, columns, rows, draw, print, close };
}
