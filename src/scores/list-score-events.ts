import type { Database } from '../db/index.ts';
import { selectScoreEvents } from './events-repository.ts';
import type { ScoreEvent } from './score.ts';

export interface EventPage {
  readonly events: readonly ScoreEvent[];
  /** The id below which the next page begins; undefined on the last page. */
  readonly nextBefore: number | undefined;
}

/** Lists a player's events, newest first, those with an id below `before`. */
export async function listScoreEvents(
  db: Database,
  { userId, limit, before }: { userId: string; limit: number; before: number },
): Promise<EventPage> {
  // One more than asked for tells whether there is a next page.
  const found = await selectScoreEvents(db, { userId, limit: limit + 1, before });
  const events = found.slice(0, limit);
  return { events, nextBefore: found.length > limit ? events.at(-1)?.id : undefined };
}
