import type { Books } from './books.ts';
import type { Client } from './client.ts';
import type { Player } from './player.ts';

/** What every move of the game needs. */
export interface GameContext {
  readonly client: Client;
  readonly books: Books;
  readonly board: string;
  readonly gameServiceKey: string;
  /** Grows while players join. */
  readonly players: Player[];
  /** Aborted when nothing new should begin: time is over, or Ctrl-C. */
  readonly stop: AbortSignal;
  /** Aborted later: what is still unanswered then stays unknown. */
  readonly giveUp: AbortSignal;
}
