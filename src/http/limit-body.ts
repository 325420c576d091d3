import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';

import { AppError } from '../errors.ts';

/**
 * Lets bodies of up to `maxBytes` pass. Throws body_too_large. Nothing reads the body of a GET, and a declared length is
 * what Node's parser holds the client to (RFC 9112, 6.3): only what is neither is counted, because bodyLimit makes a
 * whole Request and a web stream of it, at the cost of everything else about a small request.
 */
export function limitBody(maxBytes: number): MiddlewareHandler {
  const refuse = () => {
    throw new AppError('body_too_large', `the body may have at most ${maxBytes} bytes`);
  };
  const count = bodyLimit({ maxSize: maxBytes, onError: refuse });
  return async function limitBody(c, next) {
    if (c.req.method === 'GET' || c.req.method === 'HEAD') return await next();
    const length = c.req.header('Content-Length');
    if (length === undefined || c.req.header('Transfer-Encoding') !== undefined) return await count(c, next);
    if (Number(length) > maxBytes) refuse();
    await next();
  };
}
