import type { Context } from 'hono';
import { etag } from 'hono/etag';
import { z } from 'zod';

import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';
import { dropHeader, setHeaders } from '../http/answer.ts';
import { type AppEnv, factory } from '../http/factory.ts';
import { operation, pageOperation } from '../http/openapi.ts';
import { Problem } from '../http/problem.ts';
import { queryInteger } from '../http/query-integer.ts';
import type { RateLimits } from '../http/rate-limits.ts';
import { validate } from '../http/validate.ts';
import { GLOBAL_LEADERBOARD, LeaderboardId, type Leaderboards } from '../leaderboards/index.ts';
import type { Assets } from './assets.ts';
import { boardHtml, DEFAULT_LIMIT } from './board-html.ts';
import type { Appearance } from './layout-html.ts';
import { problemHtml } from './problem-html.ts';
import { readBoard } from './read-board.ts';

/** Long enough for any id or name, and too short to make a page of it. */
const MAX_PLAYER_LENGTH = 64;

const BoardQuery = z.object({
  board: LeaderboardId.default(GLOBAL_LEADERBOARD),
  limit: queryInteger(1, 100, DEFAULT_LIMIT),
  player: z
    .string()
    .max(MAX_PLAYER_LENGTH)
    .optional()
    .meta({ description: 'The id or the name of a player' }),
  embed: z.literal('1').optional().meta({ description: 'For a frame or a stream overlay' }),
  theme: z.enum(['light', 'dark']).optional().meta({ description: 'In place of what the system prefers' }),
});

/** Nothing but files and streams of this service; even a script of ours cannot make elements out of text. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const htmlPage = (description: string) => ({ description, contentTypes: ['text/html'] });

interface WebHandlerDependencies {
  readonly leaderboards: Leaderboards;
  readonly clock: Clock;
  readonly limits: RateLimits;
  readonly assets: Assets;
}

export function webHandlers({ leaderboards, clock, limits, assets }: WebHandlerDependencies) {
  return {
    board: factory.createHandlers(
      operation({
        id: 'getLeaderboardAsPage',
        tag: 'Service',
        summary: 'Watch a leaderboard',
        caller: 'anyone',
        success: {
          200: htmlPage('The page'),
          400: htmlPage('The query is not valid'),
          404: htmlPage('There is no such leaderboard'),
          429: { ...htmlPage('Too many requests'), headers: ['Retry-After'] },
          500: htmlPage('Something went wrong'),
          503: { ...htmlPage('The service cannot answer right now'), headers: ['Retry-After'] },
        },
        limited: true,
      }),
      asPage(assets),
      limits.readsByAddress,
      validate('query', BoardQuery),
      async (c) => {
        const { board: leaderboardId, limit, player, theme } = c.req.valid('query');
        const board = await readBoard(leaderboards, { leaderboardId, limit, player: player || undefined });
        setHeaders(c, { 'Cache-Control': 'no-cache' });
        return await c.html(boardHtml(board, { ...toAppearance(c), theme, assets, limit, nowMs: clock() }));
      },
    ),

    asset: factory.createHandlers(
      pageOperation({
        id: 'getAsset',
        summary: 'Read a file that the page loads',
        success: {
          200: {
            description: 'The file',
            contentTypes: ['text/css', 'text/javascript', 'image/svg+xml'],
            headers: ['ETag'],
          },
          304: { description: 'The file is still the one named by If-None-Match', headers: ['ETag'] },
        },
        errors: ['not_found'],
      }),
      etag({ retainedHeaders: ['Cache-Control', 'ETag'] }),
      (c) => {
        const { version, folder, file } = c.req.param() as Record<string, string>;
        const asset = assets.find(`${folder}/${file}`);
        if (asset === undefined) throw new AppError('not_found', 'there is no such file');
        const isCurrent = version === assets.version;
        return c.body(asset.bytes, 200, {
          'Content-Type': asset.type,
          'Cache-Control': isCurrent ? 'public, max-age=31536000, immutable' : 'no-store',
        });
      },
    ),
  };
}

/** Gives a page its policy, and answers a failure with a page too, in place of problem details. */
function asPage(assets: Assets) {
  return factory.createMiddleware(async (c, next) => {
    const { isEmbedded } = toAppearance(c);
    const ancestors = isEmbedded ? '*' : "'self'";
    setHeaders(c, { 'Content-Security-Policy': `${CONTENT_SECURITY_POLICY}; frame-ancestors ${ancestors}` });
    // It cannot name other sites.
    if (isEmbedded) dropHeader(c, 'X-Frame-Options');
    await next();
    if (c.error !== undefined) {
      const problem = Problem.parse(await c.res.json());
      c.res = await c.html(problemHtml(problem, { ...toAppearance(c), assets }), problem.status as 400);
    }
  });
}

/** Of any request, valid or not. */
function toAppearance(c: Context<AppEnv>): Appearance {
  const theme = c.req.query('theme');
  return {
    isEmbedded: c.req.query('embed') === '1',
    theme: theme === 'light' || theme === 'dark' ? theme : undefined,
  };
}
