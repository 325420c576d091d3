import { z } from 'zod';

import { answer, answerJson } from '../http/answer.ts';
import { factory } from '../http/factory.ts';
import { operation } from '../http/openapi.ts';
import type { RateLimits } from '../http/rate-limits.ts';
import { validate } from '../http/validate.ts';
import { toUserView, Username, UserView } from '../users/index.ts';
import { ACCESS_TOKEN_TTL_SECONDS } from './access-token.ts';
import type { Auth } from './auth.ts';
import { changePassword } from './change-password.ts';
import { Password, WellFormed } from './credentials.ts';
import { requirePlayer } from './guards.ts';
import { logIn } from './log-in.ts';
import { logOut } from './log-out.ts';
import { refresh } from './refresh.ts';
import { register } from './register.ts';
import type { Tokens } from './tokens.ts';

const Credentials = z.strictObject({ username: Username, password: Password }).meta({ id: 'Credentials' });

const RefreshRequest = z.strictObject({ refresh_token: z.string() }).meta({ id: 'RefreshRequest' });

const PasswordChange = z
  .strictObject({
    current_password: WellFormed.max(128, 'must have at most 128 characters'),
    new_password: Password,
  })
  .meta({ id: 'PasswordChange' });

const TokensView = z
  .object({
    user: UserView,
    access_token: z.string(),
    token_type: z.literal('Bearer'),
    expires_in: z.int().min(1),
    refresh_token: z.string(),
  })
  .meta({ id: 'Tokens' });
export type TokensView = z.infer<typeof TokensView>;

const tokens = { description: 'The tokens', schema: TokensView };

/** RFC 6749, 5.1: no cache may keep an answer that has tokens in it. */
const NOT_STORED = { 'Cache-Control': 'no-store' };

export function authHandlers({ auth, limits }: { auth: Auth; limits: RateLimits }) {
  return {
    register: factory.createHandlers(
      operation({
        id: 'register',
        tag: 'Accounts',
        summary: 'Make an account',
        caller: 'anyone',
        success: { 201: tokens },
        errors: ['username_taken'],
        body: true,
        limited: true,
      }),
      limits.authByAddress,
      validate('json', Credentials),
      async (c) => {
        const userAgent = c.req.header('User-Agent');
        const made = await register(auth, { ...c.req.valid('json'), userAgent });
        return answerJson(c, toTokensView(made), 201, NOT_STORED);
      },
    ),

    logIn: factory.createHandlers(
      operation({
        id: 'logIn',
        tag: 'Accounts',
        summary: 'Log in',
        caller: 'anyone',
        success: { 200: tokens },
        errors: ['invalid_credentials'],
        body: true,
        limited: true,
      }),
      limits.authByAddress,
      validate('json', Credentials),
      limits.logInByUsername,
      async (c) => {
        const userAgent = c.req.header('User-Agent');
        const made = await logIn(auth, { ...c.req.valid('json'), userAgent });
        return answerJson(c, toTokensView(made), 200, NOT_STORED);
      },
    ),

    refresh: factory.createHandlers(
      operation({
        id: 'refresh',
        tag: 'Accounts',
        summary: 'Trade a refresh token, once, for new tokens',
        caller: 'anyone',
        success: { 200: tokens },
        errors: ['unauthenticated', 'refresh_token_reused'],
        body: true,
        limited: true,
      }),
      limits.authByAddress,
      validate('json', RefreshRequest),
      async (c) => {
        const made = await refresh(auth, c.req.valid('json').refresh_token);
        return answerJson(c, toTokensView(made), 200, NOT_STORED);
      },
    ),

    logOut: factory.createHandlers(
      operation({
        id: 'logOut',
        tag: 'Accounts',
        summary: 'End your session',
        caller: 'player',
        success: { 204: { description: 'The session has ended' } },
        errors: ['body_too_large'],
      }),
      requirePlayer(auth),
      async (c) => {
        await logOut(auth, c.get('caller'));
        return answer(c, null, 204);
      },
    ),

    changePassword: factory.createHandlers(
      operation({
        id: 'changePassword',
        tag: 'Accounts',
        summary: 'Change your password and end every other session',
        caller: 'player',
        success: { 204: { description: 'The password was changed' } },
        errors: ['invalid_credentials'],
        body: true,
        limited: true,
      }),
      requirePlayer(auth),
      limits.passwordByPlayer,
      validate('json', PasswordChange),
      async (c) => {
        const { current_password: currentPassword, new_password: newPassword } = c.req.valid('json');
        await changePassword(auth, c.get('caller'), { currentPassword, newPassword });
        return answer(c, null, 204);
      },
    ),
  };
}

function toTokensView({ user, accessToken, refreshToken }: Tokens): TokensView {
  return {
    user: toUserView(user),
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: ACCESS_TOKEN_TTL_SECONDS,
    refresh_token: refreshToken,
  };
}
