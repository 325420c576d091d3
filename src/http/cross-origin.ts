import type { MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';

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
 * answered by the library. For all else it would begin a response before the handler does, which has to be merged into
 * the handler's and costs a stream: three headers are set here instead.
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
  const exposed = exposedHeaders.join(',');
  return async function crossOrigin(c, next) {
    if (c.req.method === 'OPTIONS') return await answerPreflight(c, next);
    const origin = c.req.header('Origin') ?? '';
    if (isOpen) c.header('Access-Control-Allow-Origin', '*');
    else if (origins.includes(origin)) c.header('Access-Control-Allow-Origin', origin);
    c.header('Access-Control-Expose-Headers', exposed);
    if (!isOpen) c.header('Vary', 'Origin');
    await next();
  };
}
