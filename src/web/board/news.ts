import { formatNumber } from './format.ts';
import type { Entry, Snapshot } from './snapshot.ts';

/**
 * What somebody who does not see the board wants to hear of a change: a new leader, how the player of the page moved,
 * who came in. Empty when there is nothing of that.
 */
export function describeNews(before: Snapshot, after: Snapshot, playerId: string | undefined): string {
  const leader = after.entries[0];
  const isNewLeader = leader !== undefined && leader.user_id !== before.entries[0]?.user_id;
  return [
    isNewLeader ? `${leader.username} leads with ${formatNumber(leader.total_score)}.` : '',
    describePlayer(before, after, playerId),
    describeNewcomers(before, after, playerId),
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

function describePlayer(before: Snapshot, after: Snapshot, playerId: string | undefined): string {
  const was = findEntry(before, playerId);
  const is = findEntry(after, playerId);
  if (is === undefined) return was === undefined ? '' : `${was.username} left the visible board.`;
  if (is.rank === was?.rank || is.rank === 1) return '';
  return `${is.username} is now number ${formatNumber(is.rank)}.`;
}

function describeNewcomers(before: Snapshot, after: Snapshot, playerId: string | undefined): string {
  const names = after.entries
    .filter(({ rank, user_id: id }) => rank > 1 && id !== playerId && findEntry(before, id) === undefined)
    .map(({ username }) => username);
  return names.length === 0 ? '' : `New on the board: ${names.join(', ')}.`;
}

function findEntry({ entries }: Snapshot, userId: string | undefined): Entry | undefined {
  return entries.find((entry) => entry.user_id === userId);
}
