import { z } from 'zod';

import { type Auth, playerWhen, requireOperator } from '../auth/index.ts';
import { answerJson, setHeaders } from '../http/answer.ts';
import { answerTagged, tagJson, type TaggedJson } from '../http/entity-tag.ts';
import { factory } from '../http/factory.ts';
import { operation } from '../http/openapi.ts';
import { queryInteger } from '../http/query-integer.ts';
import type { RateLimits } from '../http/rate-limits.ts';
import { validate } from '../http/validate.ts';
import { LeaderboardId, LeaderboardTitle, type Page } from './leaderboard.ts';
import { listLeaderboards } from './list-leaderboards.ts';
import { putLeaderboard } from './put-leaderboard.ts';
import { readPage } from './read-page.ts';
import { readOwnPosition, readPosition } from './read-position.ts';
import type { Leaderboards } from './read.ts';
import {
  LeaderboardsView,
  LeaderboardView,
  PageView,
  PositionView,
  toLeaderboardView,
  toPageView,
  toPositionView,
} from './views.ts';

const LeaderboardPath = z.object({ leaderboard_id: LeaderboardId });

const PageQuery = z.object({
  limit: queryInteger(1, 100, 10),
  offset: queryInteger(0, Number.MAX_SAFE_INTEGER, 0),
});

const PositionPath = LeaderboardPath.extend({
  user_id: z.union([z.literal('me'), z.uuid().toLowerCase()], { error: 'must be a user id or "me"' }),
});

const PositionQuery = z.object({ around: queryInteger(0, 50, 0) });

const Title = z.strictObject({ title: LeaderboardTitle });

interface LeaderboardHandlerDependencies {
  readonly leaderboards: Leaderboards;
  readonly auth: Auth;
  readonly limits: RateLimits;
}

/** Of pages that several requests share. */
const taggedPages = new WeakMap<Page, TaggedJson>();

function tagPage(page: Page): TaggedJson {
  const known = taggedPages.get(page);
  if (known !== undefined) return known;
  const tagged = tagJson(toPageView(page));
  taggedPages.set(page, tagged);
  return tagged;
}

export function leaderboardHandlers({ leaderboards, auth, limits }: LeaderboardHandlerDependencies) {
  return {
    list: factory.createHandlers(
      operation({
        id: 'listLeaderboards',
        tag: 'Leaderboards',
        summary: 'List every leaderboard, oldest first',
        caller: 'anyone',
        success: { 200: { description: 'The leaderboards', schema: LeaderboardsView } },
        limited: true,
      }),
      limits.readsByAddress,
      async (c) => {
        const all = await listLeaderboards(leaderboards);
        return answerJson(c, { leaderboards: all.map(toLeaderboardView) });
      },
    ),

    getPage: factory.createHandlers(
      operation({
        id: 'getLeaderboardPage',
        tag: 'Leaderboards',
        summary: 'Read a page of a leaderboard, best first',
        caller: 'anyone',
        success: {
          200: { description: 'The page', schema: PageView, headers: ['ETag', 'X-Leaderboard-Source'] },
          304: { description: 'The page is still the one named by If-None-Match', headers: ['ETag'] },
        },
        errors: ['invalid_request', 'leaderboard_not_found'],
        limited: true,
      }),
      limits.readsByAddress,
      validate('param', LeaderboardPath),
      validate('query', PageQuery),
      async (c) => {
        const { leaderboard_id: leaderboardId } = c.req.valid('param');
        const page = await readPage(leaderboards, { leaderboardId, ...c.req.valid('query') });
        setHeaders(c, { 'X-Leaderboard-Source': page.source, 'Cache-Control': 'no-cache' });
        return answerTagged(c, tagPage(page));
      },
    ),

    getPosition: factory.createHandlers(
      operation({
        id: 'getPosition',
        tag: 'Leaderboards',
        summary: "Read a player's position, with neighbours",
        caller: 'anyone or player',
        success: {
          200: { description: 'The position', schema: PositionView, headers: ['X-Leaderboard-Source'] },
        },
        errors: ['invalid_request', 'leaderboard_not_found', 'not_found', 'not_ranked'],
        limited: true,
      }),
      limits.readsByAddress,
      validate('param', PositionPath),
      validate('query', PositionQuery),
      playerWhen(auth, (c) => c.req.param('user_id') === 'me'),
      async (c) => {
        const { leaderboard_id: leaderboardId, user_id: given } = c.req.valid('param');
        const userId = given === 'me' ? c.get('caller')?.userId : given;
        if (userId === undefined) throw new Error('"me" passed without a player');
        const read = given === 'me' ? readOwnPosition : readPosition;
        const position = await read(leaderboards, { leaderboardId, userId, ...c.req.valid('query') });
        setHeaders(c, { 'X-Leaderboard-Source': position.source });
        return answerJson(c, toPositionView(position));
      },
    ),

    put: factory.createHandlers(
      operation({
        id: 'putLeaderboard',
        tag: 'Operators',
        summary: 'Make a leaderboard, or change its title',
        caller: 'operator',
        success: {
          200: { description: 'The leaderboard with its new title', schema: LeaderboardView },
          201: { description: 'The new leaderboard', schema: LeaderboardView },
        },
        body: true,
      }),
      requireOperator(auth),
      validate('param', LeaderboardPath),
      validate('json', Title),
      async (c) => {
        const { leaderboard_id: id } = c.req.valid('param');
        const { leaderboard, created } = await putLeaderboard(leaderboards, { id, ...c.req.valid('json') });
        return answerJson(c, toLeaderboardView(leaderboard), created ? 201 : 200);
      },
    ),
  };
}
