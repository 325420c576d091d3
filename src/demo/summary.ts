import type { Books } from './books.ts';
import type { Meter } from './meter.ts';
import type { BoardReading } from './read-board.ts';
import { type Difference, findContradictions, findDifferences, findDisorder } from './reconcile.ts';
import { formatLatency, number } from './view.ts';

interface Participant {
  readonly userId: string;
  readonly cheats: boolean;
  readonly credentials: { readonly username: string };
}

/** A whole game, after its end. */
export interface Report {
  readonly boardId: string;
  readonly elapsedSeconds: number;
  /** Those who joined, of those wanted. */
  readonly players: readonly Participant[];
  readonly wanted: number;
  readonly books: Books;
  readonly meter: Pick<Meter, 'requests' | 'latency' | 'losses'>;
  /** What the board says, or why nobody could tell. */
  readonly reading: BoardReading | Error;
}

export interface Summary {
  readonly text: string;
  /** Whether the board says what was accepted, and nothing was answered that the contract forbids. */
  readonly isRight: boolean;
}

const PROBLEMS_SHOWN = 20;

/** Compares the books with the board and tells the game in a few lines. */
export function summarize(report: Report): Summary {
  const problems = [...findProblems(report), ...report.books.objections().map(toObjectionText)];
  const lines = [
    '',
    headline(report),
    ...countLines(report),
    ...unknownLines(report),
    ...boardLines(report),
    ...problems.slice(0, PROBLEMS_SHOWN).map((problem) => `  ${problem}`),
    ...(problems.length > PROBLEMS_SHOWN ? [`  and ${problems.length - PROBLEMS_SHOWN} more`] : []),
    verdictOn(problems),
  ];
  return { text: lines.join('\n'), isRight: problems.length === 0 };
}

function verdictOn(problems: readonly string[]): string {
  if (problems.length === 0) return 'The board says exactly what was accepted.';
  return `WRONG: ${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}, listed above.`;
}

function findProblems({ reading, players, books }: Report): string[] {
  if (reading instanceof Error) return [reading.message];
  const comparisons = players.map(({ userId, credentials }) => ({
    username: credentials.username,
    account: books.account(userId),
    boardTotal: reading.totals.get(userId),
  }));
  return [
    ...findDifferences(comparisons).map(toDifferenceText),
    ...findDisorder(reading.entries),
    ...findContradictions(reading.entries, reading.totals),
  ];
}

function toDifferenceText({ username, accepted, boardTotal }: Difference): string {
  if (boardTotal === undefined) return `${username}: accepted ${number(accepted)}, unknown to the board`;
  const by = boardTotal - accepted;
  const sign = by > 0 ? '+' : '-';
  return `${username}: accepted ${number(accepted)}, the board says ${number(boardTotal)} (${sign}${number(Math.abs(by))})`;
}

function toObjectionText([text, count]: readonly [string, number]): string {
  return count === 1 ? text : `${text} (${number(count)} times)`;
}

function headline({ boardId, elapsedSeconds, players, wanted }: Report): string {
  const cheats = players.filter((player) => player.cheats).length;
  const joined = players.length < wanted ? `${players.length} of ${wanted}` : wanted;
  return `${joined} players, ${cheats} of them cheats, played ${Math.round(elapsedSeconds)} s on board ${boardId}.`;
}

function countLines({ books, meter, elapsedSeconds }: Report): string[] {
  const { updates, points, replays, refused, refusals } = books.totals();
  const perSecond = (meter.requests() / Math.max(1, elapsedSeconds)).toFixed(1);
  const { count: lost, lastReason } = meter.losses();
  return [
    `requests  ${number(meter.requests())}, ${perSecond}/s; updates ${formatLatency(meter.latency())}`,
    ...(lost > 0 ? [`  unanswered and sent again    ${number(lost).padStart(7)}   (${lastReason})`] : []),
    `accepted  ${number(updates)} updates, ${number(points)} points; ${number(replays)} honest retries, counted once`,
    `refused   ${number(refused)}`,
    ...refusals.map(([code, count]) => `  ${code.padEnd(28)} ${number(count).padStart(7)}`),
  ];
}

function unknownLines({ books }: Report): string[] {
  const { open } = books.totals();
  if (open === 0) return ['unknown   none: every update was answered'];
  const which = open === 1 ? '1 update was' : `${number(open)} updates were`;
  return [`unknown   ${which} never answered; the board may count each of them or not`];
}

function boardLines({ reading, players }: Report): string[] {
  if (reading instanceof Error) return ['board     not compared'];
  const { length } = reading.entries;
  return [`board     compared ${players.length} totals, and the order of the first ${length} entries`];
}
