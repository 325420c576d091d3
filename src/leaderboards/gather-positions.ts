import { gatherCalls } from '../gather-calls.ts';
import { SHARED_CALLS } from '../redis/index.ts';
import type { IndexedEntries, Sought } from './ranking-index/index.ts';

/** Finds players of one board; undefined when the index does not know. */
type FindSome = (
  leaderboardId: string,
  players: readonly Sought[],
) => Promise<readonly IndexedEntries[] | undefined>;

interface SoughtOn extends Sought {
  readonly leaderboardId: string;
}

/** Of one board, to be found by one call. */
interface Part {
  readonly leaderboardId: string;
  readonly players: SoughtOn[];
  entries: number;
}

/** Of one call, so that none holds Redis up for longer than a few pages do. */
const MAX_ENTRIES = 256;

/** Makes finding one player out of finding several: those who are sought together share calls, and each is found once. */
export function gatherPositions(
  findSome: FindSome,
): (leaderboardId: string, player: Sought) => Promise<IndexedEntries | undefined> {
  const findAll = gatherCalls(async (sought: readonly SoughtOn[]) => {
    const distinct = new Map(sought.map((player) => [keyOf(player), player]));
    const found = new Map<string, IndexedEntries>();
    const findPart = async ({ leaderboardId, players }: Part) => {
      const positions = await findSome(leaderboardId, players);
      for (const [index, player] of players.entries()) {
        const position = positions?.[index];
        if (position !== undefined) found.set(keyOf(player), position);
      }
    };
    await Promise.all(toParts(distinct.values()).map(findPart));
    return sought.map((player) => found.get(keyOf(player)));
  }, SHARED_CALLS);
  return async (leaderboardId, player) => await findAll({ leaderboardId, ...player });
}

function keyOf({ leaderboardId, userId, around }: SoughtOn): string {
  return `${leaderboardId} ${userId} ${around}`;
}

function toParts(sought: Iterable<SoughtOn>): Part[] {
  const parts: Part[] = [];
  const open = new Map<string, Part>();
  for (const player of sought) {
    const { leaderboardId } = player;
    const entries = 1 + 2 * player.around;
    let part = open.get(leaderboardId);
    if (part === undefined || part.entries + entries > MAX_ENTRIES) {
      part = { leaderboardId, players: [], entries: 0 };
      open.set(leaderboardId, part);
      parts.push(part);
    }
    part.players.push(player);
    part.entries += entries;
  }
  return parts;
}
