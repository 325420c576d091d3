import { gatherCalls } from '../gather-calls.ts';
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

const MAX_PLAYERS = 64;
/** Of one call, so that none holds Redis up for longer than a few pages do. */
const MAX_ENTRIES = 256;

/** Makes finding one player out of finding several: those who are sought together share the calls. */
export function gatherPositions(
  findSome: FindSome,
): (leaderboardId: string, player: Sought) => Promise<IndexedEntries | undefined> {
  const findAll = gatherCalls(async (sought: readonly SoughtOn[]) => {
    const found = new Map<SoughtOn, IndexedEntries>();
    const findPart = async ({ leaderboardId, players }: Part) => {
      const positions = await findSome(leaderboardId, players);
      for (const [index, player] of players.entries()) {
        const position = positions?.[index];
        if (position !== undefined) found.set(player, position);
      }
    };
    await Promise.all(inParts(sought).map(findPart));
    return sought.map((player) => found.get(player));
  }, MAX_PLAYERS);
  return async (leaderboardId, player) => await findAll({ leaderboardId, ...player });
}

function inParts(sought: readonly SoughtOn[]): Part[] {
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
