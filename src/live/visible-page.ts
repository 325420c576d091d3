import type { BoardChange, Page } from '../leaderboards/index.ts';

type Entry = Page['entries'][number];

/** Whether a change may show on the best `limit` entries of a board, of which `page` is what was read last. */
export function mayShow({ userId, score }: BoardChange, { entries }: Page, limit: number): boolean {
  if (userId === undefined) return true;
  const shown = entries.find((entry) => entry.userId === userId);
  if (shown !== undefined) {
    return shown.totalScore !== score?.totalScore || shown.scoreFirstReachedAt !== score.scoreFirstReachedAt;
  }
  if (score === undefined) return false;
  const lowest = entries[limit - 1];
  return lowest === undefined || isBetter({ userId, ...score }, lowest);
}

type Place = Pick<Entry, 'userId' | 'totalScore' | 'scoreFirstReachedAt'>;

/** The order of every leaderboard. Instants have one width, so that their text has the order of their times. */
function isBetter(one: Place, other: Place): boolean {
  if (one.totalScore !== other.totalScore) return one.totalScore > other.totalScore;
  if (one.scoreFirstReachedAt !== other.scoreFirstReachedAt)
    return one.scoreFirstReachedAt < other.scoreFirstReachedAt;
  return one.userId > other.userId;
}

/** Whether two pages have the same entries; the number of players does not count. */
export function showsTheSame(one: Page, other: Page): boolean {
  if (one.entries.length !== other.entries.length) return false;
  return one.entries.every((entry, index) => isSame(entry, other.entries[index]));
}

function isSame(one: Entry, other: Entry | undefined): boolean {
  return (
    one.userId === other?.userId &&
    one.totalScore === other.totalScore &&
    one.scoreFirstReachedAt === other.scoreFirstReachedAt &&
    one.username === other.username
  );
}

/** The best `limit` entries of a page that has at least as many, or all. */
export function firstEntries(page: Page, limit: number): Page {
  return page.entries.length <= limit ? page : { ...page, entries: page.entries.slice(0, limit) };
}
