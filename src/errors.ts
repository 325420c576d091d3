/** Every code that a client can meet. Stable: clients switch on them. docs/errors.md explains each. */
export const errorCodes = [
  'invalid_request',
  'action_token_malformed',
  'unauthenticated',
  'invalid_credentials',
  'refresh_token_reused',
  'forbidden',
  'action_token_invalid',
  'action_token_wrong_user',
  'not_found',
  'not_ranked',
  'leaderboard_not_found',
  'username_taken',
  'action_already_consumed',
  'action_token_expired',
  'body_too_large',
  'unsupported_media_type',
  'score_delta_exceeds_max',
  'rate_limited',
  'internal_error',
  'unavailable',
  'stream_capacity_reached',
  'redis_disabled',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** Those that refuse an action token. */
export const tokenRejections = [
  'action_token_malformed',
  'action_token_invalid',
  'action_token_expired',
  'action_token_wrong_user',
  'score_delta_exceeds_max',
  'action_already_consumed',
] as const satisfies readonly ErrorCode[];

/** One problem of one input field; `path` is dotted, as in `body.score_delta` without its first part. */
export interface FieldProblem {
  readonly path: string;
  readonly message: string;
}

interface AppErrorOptions {
  readonly cause?: unknown;
  readonly details?: readonly FieldProblem[];
  readonly retryAfterSeconds?: number;
}

/**
 * A failure that a caller should be told about. The message reaches the client for every code whose status
 * is below 500, so it holds no secret and no internals.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: readonly FieldProblem[] | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.details = options.details;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** 503 for a fault that passes by itself; the same request may be sent again after `retryAfterSeconds`. */
export function unavailable(
  message: string,
  options: { cause?: unknown; retryAfterSeconds?: number } = {},
): AppError {
  return new AppError('unavailable', message, { retryAfterSeconds: 1, ...options });
}
