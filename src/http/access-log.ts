import { routePath } from 'hono/route';

import type { Clock } from '../clock.ts';
import type { Logger } from '../telemetry/log.ts';
import { clientAddress } from './client-address.ts';
import { factory } from './factory.ts';

/** Gives the request a logger that carries its id, and logs one line when it was answered. */
export function accessLog({
  log,
  clock,
  trustedProxyHops,
}: {
  log: Logger;
  clock: Clock;
  trustedProxyHops: number;
}) {
  return factory.createMiddleware(async (c, next) => {
    const startedAt = clock();
    c.set('log', log.child({ request_id: c.var.requestId }));
    await next();
    c.var.log.info(
      {
        method: c.req.method,
        route: routePath(c, -1),
        status: c.res.status,
        duration_ms: clock() - startedAt,
        client: clientAddress(c, trustedProxyHops),
      },
      'request',
    );
  });
}
