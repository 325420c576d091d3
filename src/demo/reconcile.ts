import type { Account } from './books.ts';
import type { Entry } from './client.ts';

/** A player's books beside the board: `undefined` when the board does not know the player. */
export interface Comparison {
  readonly username: string;
  readonly account: Account;
  readonly boardTotal: number | undefined;
}

export interface Difference {
  readonly username: string;
  readonly accepted: number;
  readonly boardTotal: number | undefined;
}

/** The players whose total on the board no choice of their unknown updates explains. */
export function findDifferences(comparisons: readonly Comparison[]): Difference[] {
  return comparisons
    .filter(({ account, boardTotal }) => boardTotal === undefined || !possibleTotals(account).has(boardTotal))
    .map(({ username, account, boardTotal }) => ({ username, accepted: account.accepted, boardTotal }));
}

/** Accepted alone, and with each choice among the unknown. */
function possibleTotals({ accepted, unknown }: Account): Set<number> {
  return unknown.reduce(
    (totals, delta) => new Set([...totals, ...[...totals].map((total) => total + delta)]),
    new Set([accepted]),
  );
}

/** What is wrong with the order of a page: ranks from 1 by one, totals falling, equal ones by who was first. */
export function findDisorder(entries: readonly Entry[]): string[] {
  return entries.flatMap((entry, index) => {
    const wrongRank =
      entry.rank === index + 1 ? [] : [`${entry.username} has rank ${entry.rank} at place ${index + 1}`];
    const next = entries[index + 1];
    const wrongOrder =
      next !== undefined && isBefore(next, entry) ? [`${entry.username} is above ${next.username}`] : [];
    return [...wrongRank, ...wrongOrder];
  });
}

/** Instants of one form compare as text. */
function isBefore(a: Entry, b: Entry): boolean {
  if (a.total_score !== b.total_score) return a.total_score > b.total_score;
  return a.score_first_reached_at < b.score_first_reached_at;
}

/** The players to whom a page gives another total than their position does. */
export function findContradictions(
  entries: readonly Entry[],
  positions: ReadonlyMap<string, number | undefined>,
): string[] {
  return entries
    .filter(({ user_id, total_score }) => positions.has(user_id) && positions.get(user_id) !== total_score)
    .map(
      ({ user_id, username, total_score }) =>
        `${username} has ${total_score} on the page and ${positions.get(user_id) ?? 'nothing'} by position`,
    );
}
