import { z } from 'zod';

import { ActionId } from '../actions/index.ts';
import { LeaderboardId, MAX_TOTAL_SCORE } from '../leaderboards/index.ts';
import type { EventPage } from './list-score-events.ts';
import type { ScoreEvent } from './score.ts';

/** Opaque to clients; the id of the last event that they have seen. */
export const Cursor = z
  .string()
  .regex(/^[1-9]\d{0,14}$/, 'must be a next_cursor of an answer before')
  .transform(Number)
  .meta({ description: '`next_cursor` of the page before', type: 'string' });

const EventView = z
  .object({
    event_id: z.int().min(1),
    leaderboard_id: LeaderboardId,
    action_id: ActionId.nullable(),
    kind: z.enum(['action', 'adjustment']),
    score_delta: z.int(),
    applied_delta: z.int(),
    total_after: z.int().min(0).max(MAX_TOTAL_SCORE),
    reason: z.string().nullable(),
    created_at: z.iso.datetime({ precision: 6 }),
  })
  .meta({ id: 'ScoreEvent' });

export const EventsView = z
  .object({ events: z.array(EventView), next_cursor: z.string().nullable() })
  .meta({ id: 'ScoreEvents' });

export function toEventsView({ events, nextBefore }: EventPage): z.infer<typeof EventsView> {
  return {
    events: events.map(toEventView),
    next_cursor: nextBefore === undefined ? null : String(nextBefore),
  };
}

function toEventView(event: ScoreEvent): z.infer<typeof EventView> {
  return {
    event_id: event.id,
    leaderboard_id: event.leaderboardId,
    action_id: event.actionId,
    kind: event.kind,
    score_delta: event.scoreDelta,
    applied_delta: event.appliedDelta,
    total_after: event.totalAfter,
    reason: event.reason,
    created_at: event.createdAt,
  };
}
