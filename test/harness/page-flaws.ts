import type { EntryBody, PageBody, PositionBody } from './play.ts';

/** The totals that players had been told before a read began. */
export type Acknowledged = ReadonlyMap<string, number>;

/** What a page from the first rank on must not lack or tell wrong; nothing, if all is well. */
export function flawsOfPage(page: PageBody, limit: number, before: Acknowledged): string[] {
  const { total_players: players, entries } = page;
  const shown = new Set(entries.map(({ user_id }) => user_id));
  const lowest = entries.length < limit ? -1 : (entries.at(-1)?.total_score ?? -1);
  const missing = [...before].filter(([userId, total]) => total > lowest && !shown.has(userId));
  return [
    ...(entries.length === Math.min(limit, players)
      ? []
      : [`${entries.length} entries of ${players} players`]),
    ...(players >= before.size ? [] : [`${players} players, ${before.size} had scored`]),
    ...missing.map(([userId, total]) => `${userId} with ${total} is not among the best ${limit}`),
    ...flawsOfEntries(entries, 1, before),
  ];
}

export function flawsOfPosition(position: PositionBody, userId: string, before: Acknowledged): string[] {
  const { total_players: players, entry, around } = position;
  const first = around[0]?.rank ?? 0;
  const isShown = around.some((other) => other.user_id === userId && other.rank === entry.rank);
  return [
    ...(entry.user_id === userId && isShown ? [] : [`${userId} is not at rank ${entry.rank}`]),
    ...(players >= Math.max(before.size, around.at(-1)?.rank ?? 0) ? [] : [`only ${players} players`]),
    ...(around.length === Math.min(players, entry.rank + 5) - Math.max(1, entry.rank - 5) + 1
      ? []
      : [`${around.length} around rank ${entry.rank} of ${players}`]),
    ...flawsOfEntries(around, first, before),
  ];
}

function flawsOfEntries(entries: readonly EntryBody[], firstRank: number, before: Acknowledged): string[] {
  return entries.flatMap((entry, index) => {
    const { rank, user_id: userId, total_score: total } = entry;
    const next = entries[index + 1];
    return [
      ...(rank === firstRank + index ? [] : [`rank ${rank} is at place ${firstRank + index}`]),
      ...(next === undefined || isBefore(entry, next) ? [] : [`rank ${rank} belongs behind the next`]),
      ...(total >= (before.get(userId) ?? 0)
        ? []
        : [`${userId} has ${total}, and was told ${before.get(userId)}`]),
    ];
  });
}

function isBefore(one: EntryBody, other: EntryBody): boolean {
  if (one.total_score !== other.total_score) return one.total_score > other.total_score;
  if (one.score_first_reached_at !== other.score_first_reached_at)
    return one.score_first_reached_at < other.score_first_reached_at;
  return one.user_id > other.user_id;
}
