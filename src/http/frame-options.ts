import { factory } from './factory.ts';

/**
 * Keeps answers out of other sites' frames, in the header for browsers that do not know `frame-ancestors`. It cannot
 * name other sites, so an answer whose Content-Security-Policy admits any goes without it.
 */
export const frameOptions = factory.createMiddleware(async (c, next) => {
  await next();
  const { headers } = c.res;
  const policy = headers.get('Content-Security-Policy') ?? '';
  // c.header() would make a whole Response with a stream of what is still a text.
  if (!policy.includes('frame-ancestors *')) headers.set('X-Frame-Options', 'SAMEORIGIN');
});
