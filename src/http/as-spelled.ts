import { factory } from './factory.ts';

/**
 * Knows a path only as it is spelled, not as `/%6detrics` or `/./metrics`: routes match what was decoded and
 * normalized, a load balancer that hides a path compares what was sent.
 */
export const asSpelled = factory.createMiddleware(async (c, next) => {
  const target = c.env?.incoming?.url;
  if (target !== undefined && target.split('?', 1)[0] !== c.req.path) return await c.notFound();
  return await next();
});
