import { factory } from './factory.ts';

/**
 * Keeps answers out of other sites' frames, in the header for browsers that do not know `frame-ancestors`. It cannot
 * name other sites, so an answer whose Content-Security-Policy admits any goes without it.
 */
export const frameOptions = factory.createMiddleware(async (c, next) => {
  await next();
  const policy = c.res.headers.get('Content-Security-Policy') ?? '';
  if (!policy.includes('frame-ancestors *')) c.header('X-Frame-Options', 'SAMEORIGIN');
});
