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

/**
 * The page after somebody on it rose; undefined when the change is of another kind, which only a read can tell. Every rise
 * has a later first-reached time, so that one with a later time is newer than what is shown, in whatever order the two came.
 */
export function withRise(page: Page, { userId, score }: BoardChange): Page | undefined {
  const before = page.entries.find((entry) => entry.userId === userId);
  if (before === undefined || score === undefined) return undefined;
  const { totalScore, scoreFirstReachedAt } = score;
  if (totalScore <= before.totalScore || scoreFirstReachedAt <= before.scoreFirstReachedAt) return undefined;
  const risen = { ...before, totalScore, scoreFirstReachedAt };
  const others = page.entries.filter((entry) => entry !== before);
  const below = others.findIndex((other) => isBetter(risen, other));
  const entries = others.toSpliced(below < 0 ? others.length : below, 0, risen);
  return { ...page, entries: entries.map((entry, index) => withRank(entry, index + 1)) };
}

function withRank(entry: Entry, rank: number): Entry {
  return entry.rank === rank ? entry : { ...entry, rank };
}

/** The best `limit` entries of a page that has at least as many, or all. */
export function firstEntries(page: Page, limit: number): Page {
  return page.entries.length <= limit ? page : { ...page, entries: page.entries.slice(0, limit) };
}
