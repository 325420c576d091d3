import { createHmac, timingSafeEqual } from 'node:crypto';

import { AppError } from '../errors.ts';
import { GLOBAL_LEADERBOARD } from '../leaderboards/index.ts';

/** What an action token says: who completed which action, and how much score that is worth at most. */
export interface ActionClaims {
  readonly actionId: string;
  readonly userId: string;
  readonly maxScore: number;
  /** Unix time in seconds from which the token is refused. */
  readonly expiresAt: number;
  readonly leaderboardId: string;
}

const TOKEN_FORM = /^([A-Za-z0-9+/]{1,512}={0,2}):([0-9a-f]{64})$/;

const PAYLOAD_FORM =
  /^([A-Za-z0-9_-]{1,64}):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):([1-9]\d{0,15}):([1-9]\d{0,11})(?::([a-z0-9][a-z0-9-]{0,63}))?$/;

/** `base64(action_id:user_id:max_score:expires_at[:leaderboard_id]):hmac` (specification, "Token Format"). */
export function signActionToken(claims: ActionClaims, secret: string): string {
  const { actionId, userId, maxScore, expiresAt, leaderboardId } = claims;
  const fields = [actionId, userId, maxScore, expiresAt];
  const payload = leaderboardId === GLOBAL_LEADERBOARD ? fields : [...fields, leaderboardId];
  const base64 = Buffer.from(payload.join(':')).toString('base64');
  return `${base64}:${hmac(base64, secret).toString('hex')}`;
}

/**
 * Returns the claims of a token that one of `secrets` signed. There is one text for each set of claims and secret:
 * whatever signActionToken would not write is refused. Says nothing about time or caller.
 * Throws action_token_malformed before, and action_token_invalid after, looking at the signature.
 */
export function openActionToken(token: string, secrets: readonly string[]): ActionClaims {
  const [, base64, signature] = TOKEN_FORM.exec(token) ?? [];
  if (base64 === undefined || signature === undefined) throw malformed();
  const claims = parsePayload(base64);
  const given = Buffer.from(signature, 'hex');
  if (!secrets.some((secret) => timingSafeEqual(hmac(base64, secret), given))) {
    throw new AppError('action_token_invalid', 'the signature of action_token is not ours');
  }
  return claims;
}

function parsePayload(base64: string): ActionClaims {
  const payload = Buffer.from(base64, 'base64');
  if (payload.toString('base64') !== base64) throw malformed();
  const match = PAYLOAD_FORM.exec(payload.toString('latin1'));
  if (match === null) throw malformed();
  const [, actionId = '', userId = '', maxScore, expiresAt, leaderboardId] = match;
  // The global leaderboard has the short form only, and a number above 2^53 - 1 would not read back as written.
  if (leaderboardId === GLOBAL_LEADERBOARD || !Number.isSafeInteger(Number(maxScore))) throw malformed();
  return {
    actionId,
    userId,
    maxScore: Number(maxScore),
    expiresAt: Number(expiresAt),
    leaderboardId: leaderboardId ?? GLOBAL_LEADERBOARD,
  };
}

function hmac(base64: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(base64).digest();
}

function malformed(): AppError {
  return new AppError('action_token_malformed', 'action_token is not in the documented form');
}
