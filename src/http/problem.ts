import type { Context, ErrorHandler, NotFoundHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { z } from 'zod';

import { isDatabaseUnavailable } from '../db/index.ts';
import { AppError, type ErrorCode, errorCodes, unavailable } from '../errors.ts';
import { answer } from './answer.ts';
import type { AppEnv } from './factory.ts';

/** The status of each code. */
export const statusOf: Readonly<Record<ErrorCode, ContentfulStatusCode>> = {
  invalid_request: 400,
  action_token_malformed: 400,
  unauthenticated: 401,
  invalid_credentials: 401,
  refresh_token_reused: 401,
  forbidden: 403,
  action_token_invalid: 403,
  action_token_wrong_user: 403,
  not_found: 404,
  not_ranked: 404,
  leaderboard_not_found: 404,
  username_taken: 409,
  action_already_consumed: 409,
  action_token_expired: 410,
  body_too_large: 413,
  unsupported_media_type: 415,
  score_delta_exceeds_max: 422,
  rate_limited: 429,
  internal_error: 500,
  unavailable: 503,
  stream_capacity_reached: 503,
  redis_disabled: 503,
};

/** What each code means, whatever the request. */
export const titleOf: Readonly<Record<ErrorCode, string>> = {
  invalid_request: 'The request is not valid',
  action_token_malformed: 'The action token is not in the documented form',
  unauthenticated: 'Authentication is required',
  invalid_credentials: 'The credentials are wrong',
  refresh_token_reused: 'The refresh token was used before',
  forbidden: 'The caller may not do this',
  action_token_invalid: 'The action token was not signed by this service',
  action_token_wrong_user: 'The action token belongs to another player',
  not_found: 'Not found',
  not_ranked: 'The player has no score on this leaderboard',
  leaderboard_not_found: 'There is no such leaderboard',
  username_taken: 'The username is taken',
  action_already_consumed: 'The action was spent before',
  action_token_expired: 'The action token has expired',
  body_too_large: 'The body is too large',
  unsupported_media_type: 'The body must be JSON',
  score_delta_exceeds_max: 'The score is above what the action allows',
  rate_limited: 'Too many requests',
  internal_error: 'Something went wrong',
  unavailable: 'The service cannot answer right now',
  stream_capacity_reached: 'Too many streams are open',
  redis_disabled: 'The service runs without Redis',
};

/** RFC 9457 problem details. */
export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int().min(400).max(599),
    code: z.enum(errorCodes),
    detail: z.string(),
    request_id: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ description: 'RFC 9457 problem details; `code` is stable' });
type Problem = z.infer<typeof Problem>;

/** Relative to the request: every Laurel serves the list of its codes there. */
const ERRORS_PAGE = '/docs/errors';

/** Answers every failure, expected or not, with problem details. */
export const onError: ErrorHandler<AppEnv> = (error, c) => {
  const failure = toAppError(error);
  const status = statusOf[failure.code];
  if (status >= 500) c.get('log').error({ request_id: c.get('requestId'), err: error }, 'request failed');
  return respondWithProblem(c, failure, status);
};

export const onNotFound: NotFoundHandler<AppEnv> = (c) => {
  const failure = new AppError(
    'not_found',
    `there is nothing at ${c.req.method} ${c.req.path.slice(0, 200)}`,
  );
  return respondWithProblem(c, failure, 404);
};

function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof HTTPException && error.status === 400) {
    const details = [{ path: 'body', message: error.message }];
    return new AppError('invalid_request', error.message, { cause: error, details });
  }
  if (isDatabaseUnavailable(error)) return unavailable('the database did not answer', { cause: error });
  return new AppError('internal_error', 'internal error', { cause: error });
}

function respondWithProblem(c: Context<AppEnv>, failure: AppError, status: ContentfulStatusCode): Response {
  const { code, message, details, retryAfterSeconds } = failure;
  const problem: Problem = {
    type: `${ERRORS_PAGE}#${code}`,
    title: titleOf[code],
    status,
    code,
    detail: status >= 500 ? `${titleOf[code]}. Quote the request id when you report this.` : message,
    request_id: c.get('requestId'),
    ...(details && { errors: [...details] }),
  };
  return answer(c, JSON.stringify(problem), status, {
    'Content-Type': 'application/problem+json; charset=utf-8',
    'Cache-Control': 'no-store',
    ...(status === 401 && { 'WWW-Authenticate': 'Bearer realm="laurel"' }),
    ...(retryAfterSeconds !== undefined && { 'Retry-After': String(retryAfterSeconds) }),
  });
}
