import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';

import { AppError } from '../errors.ts';
import type { Auth } from './auth.ts';
import { authenticate } from './authenticate.ts';
import type { ApiKeyHolder, Caller, Player } from './caller.ts';

interface CallerEnv<Allowed> {
  Variables: { caller: Allowed };
}

/** Lets players pass. Throws unauthenticated or forbidden. */
export function requirePlayer(auth: Auth) {
  return createMiddleware<CallerEnv<Player>>(async (c, next) => {
    const caller = await getCaller(auth, c);
    if (caller.kind !== 'player') throw forbidden("a player's access token");
    c.set('caller', caller);
    await next();
  });
}

/** Lets anyone pass, but where `isNeeded` says so, players only. Credentials are not looked at otherwise. */
export function playerWhen(auth: Auth, isNeeded: (c: Context) => boolean) {
  return createMiddleware<CallerEnv<Player | undefined>>(async (c, next) => {
    const caller = isNeeded(c) ? await getCaller(auth, c) : undefined;
    if (caller !== undefined && caller.kind !== 'player') throw forbidden("a player's access token");
    c.set('caller', caller);
    await next();
  });
}

/** Lets holders of a game service's API key pass. Throws unauthenticated or forbidden. */
export function requireGameService(auth: Auth) {
  return createMiddleware<CallerEnv<ApiKeyHolder>>(async (c, next) => {
    const caller = await getCaller(auth, c);
    if (caller.kind !== 'api_key' || caller.role !== 'game_service')
      throw forbidden("a game service's API key");
    c.set('caller', caller);
    await next();
  });
}

/** Lets operators pass: an admin's API key, or a player whose account is an admin's. */
export function requireOperator(auth: Auth) {
  return createMiddleware<CallerEnv<Caller>>(async (c, next) => {
    const caller = await getCaller(auth, c);
    if (caller.role !== 'admin') throw forbidden('an operator');
    c.set('caller', caller);
    await next();
  });
}

async function getCaller(auth: Auth, c: Context): Promise<Caller> {
  const [, credential] = /^Bearer +(\S+)$/i.exec(c.req.header('Authorization') ?? '') ?? [];
  if (credential === undefined)
    throw new AppError('unauthenticated', 'send Authorization: Bearer <credential>');
  const caller = await authenticate(auth, credential);
  if (caller === undefined)
    throw new AppError('unauthenticated', 'the credential is unknown, expired or revoked');
  return caller;
}

function forbidden(needed: string): AppError {
  return new AppError('forbidden', `this needs ${needed}`);
}
