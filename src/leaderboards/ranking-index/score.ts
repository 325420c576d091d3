import type { Place } from './member.ts';
import { toMember } from './member.ts';
import { MAX_UPDATES } from './board-script.ts';

/** A player's score as one version of its row has it. */
export interface IndexedScore extends Place {
  readonly totalScore: number;
  readonly version: number;
}

/** The arguments of updates, as board.lua has them. Throws RangeError for more than 64. */
export function toUpdates(scores: readonly IndexedScore[]): (string | number)[] {
  if (scores.length > MAX_UPDATES) throw new RangeError(`${scores.length} updates, and 64 are the most`);
  return scores.flatMap((score) => [toMember(score), score.totalScore, score.version]);
}
