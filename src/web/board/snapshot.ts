import { formatNumber } from './format.ts';

/** A player's place, as the API writes it. */
export interface Entry {
  readonly rank: number;
  readonly user_id: string;
  readonly username: string;
  readonly total_score: number;
  readonly score_first_reached_at: string;
}

/** The visible page of a leaderboard. */
export interface Snapshot {
  readonly total_players: number;
  readonly entries: readonly Entry[];
}

export function formatPlayers({ total_players: count }: Pick<Snapshot, 'total_players'>): string {
  return `${formatNumber(count)} ${count === 1 ? 'player' : 'players'}`;
}
