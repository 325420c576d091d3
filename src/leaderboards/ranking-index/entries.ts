import { fromMember, type Place } from './member.ts';

/** A player's place on a ready board; ranks count from 1. */
export interface IndexedEntry extends Place {
  readonly rank: number;
  readonly totalScore: number;
}

export interface IndexedEntries {
  readonly totalPlayers: number;
  readonly entries: readonly IndexedEntry[];
}

/** Reads member and score of one entry after the other. Throws TypeError for what is no member. */
export function toEntries(reply: readonly unknown[], firstRank: number): IndexedEntry[] {
  return inGroupsOf(2, reply).map(([member, score], index) => ({
    ...fromMember(String(member)),
    totalScore: Number(score),
    rank: firstRank + index,
  }));
}

export function inGroupsOf<Item>(size: number, items: readonly Item[]): Item[][] {
  return Array.from({ length: items.length / size }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
