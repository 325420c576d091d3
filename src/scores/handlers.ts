import { z } from 'zod';

import { type Actions, countVerdicts, verifyAction } from '../actions/index.ts';
import { type Auth, requirePlayer } from '../auth/index.ts';
import type { Database } from '../db/index.ts';
import { tokenRejections } from '../errors.ts';
import { answerJson, setHeaders } from '../http/answer.ts';
import { factory } from '../http/factory.ts';
import { operation } from '../http/openapi.ts';
import { queryInteger } from '../http/query-integer.ts';
import type { RateLimits } from '../http/rate-limits.ts';
import { validate } from '../http/validate.ts';
import { Cursor, EventsView, toEventsView } from './event-views.ts';
import { listScoreEvents } from './list-score-events.ts';
import { type Scores, submitScore } from './submit-score.ts';
import { toVerdictView, VerdictView } from './verdict-view.ts';

const ScoreSubmission = z
  .strictObject({ action_token: z.string(), score_delta: z.int().min(1) })
  .meta({ id: 'ScoreSubmission' });

const EventsQuery = z.object({ limit: queryInteger(1, 100, 20), cursor: Cursor.optional() });

interface ScoreHandlerDependencies {
  readonly db: Database;
  readonly scores: Scores;
  readonly actions: Actions;
  readonly auth: Auth;
  readonly limits: RateLimits;
}

export function scoreHandlers({ db, scores, actions, auth, limits }: ScoreHandlerDependencies) {
  return {
    submit: factory.createHandlers(
      operation({
        id: 'submitScore',
        tag: 'Scores',
        summary: 'Spend an action token to add to your score',
        caller: 'player',
        success: {
          200: { description: 'The verdict', schema: VerdictView, headers: ['Idempotent-Replayed'] },
        },
        errors: [...tokenRejections],
        body: true,
        limited: true,
      }),
      requirePlayer(auth),
      limits.scoresByPlayer,
      validate('json', ScoreSubmission),
      countVerdicts(actions),
      verifyAction(actions),
      async (c) => {
        const { score_delta: scoreDelta } = c.req.valid('json');
        const scored = await submitScore(scores, { ...c.get('action'), scoreDelta });
        if (scored.replayed) setHeaders(c, { 'Idempotent-Replayed': 'true' });
        return answerJson(c, toVerdictView(scored));
      },
    ),

    listEvents: factory.createHandlers(
      operation({
        id: 'listScoreEvents',
        tag: 'Scores',
        summary: 'List what changed your scores, newest first',
        caller: 'player',
        success: { 200: { description: 'The events', schema: EventsView } },
        errors: ['invalid_request'],
        limited: true,
      }),
      limits.readsByAddress,
      requirePlayer(auth),
      validate('query', EventsQuery),
      async (c) => {
        const { limit, cursor: before = Number.MAX_SAFE_INTEGER } = c.req.valid('query');
        const page = await listScoreEvents(db, { userId: c.get('caller').userId, limit, before });
        return answerJson(c, toEventsView(page));
      },
    ),
  };
}
