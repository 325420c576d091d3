import type { MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';

import { setHeaders } from './answer.ts';
import { quotaHeaders } from './quota-headers.ts';

const exposedHeaders = [
  'ETag',
  'X-Request-Id',
  'Retry-After',
  ...quotaHeaders,
  'Idempotent-Replayed',
  'X-Leaderboard-Source',
];

/** The last two are for clients that read streams by `fetch`; EventSource itself needs no leave for them. */
const allowedHeaders = [
  'Authorization',
  'Content-Type',
  'If-None-Match',
  'X-Request-Id',
  'Last-Event-ID',
  'Cache-Control',
];

/**
 * Browsers of any listed origin may call; credentials never travel by cookie, so they are never allowed. Preflights are
 * answered by the library. For all else it would begin a response before the handler does: three headers are set here
 * instead.
 */
export function crossOrigin(origins: readonly string[]): MiddlewareHandler {
  const isOpen = origins.includes('*');
  const answerPreflight = cors({
    origin: isOpen ? '*' : [...origins],
    allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
    allowHeaders: allowedHeaders,
    exposeHeaders: exposedHeaders,
    maxAge: 86_400,
  });
  const toEveryone = {
    'Access-Control-Expose-Headers': exposedHeaders.join(','),
    ...(isOpen ? { 'Access-Control-Allow-Origin': '*' } : { Vary: 'Origin' }),
  };
  return async function crossOrigin(c, next) {
    if (c.req.method === 'OPTIONS') return await answerPreflight(c, next);
    setHeaders(c, toEveryone);
    const origin = c.req.header('Origin');
    if (!isOpen && origin !== undefined && origins.includes(origin)) {
      setHeaders(c, { 'Access-Control-Allow-Origin': origin });
    }
    await next();
  };
}
