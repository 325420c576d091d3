import { randomUUID } from 'node:crypto';

import { setHeaders } from './answer.ts';
import { factory } from './factory.ts';

const SANE_ID = /^[\w=-]{1,255}$/;

/** Gives the request the id that its caller gave it, or a new one, and tells it in the answer. */
export const requestId = factory.createMiddleware(async (c, next) => {
  const given = c.req.header('X-Request-Id');
  const id = given !== undefined && SANE_ID.test(given) ? given : randomUUID();
  c.set('requestId', id);
  setHeaders(c, { 'X-Request-Id': id });
  await next();
});
