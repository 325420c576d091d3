import { routePath } from 'hono/route';

import type { Logger } from '../telemetry/log.ts';
import type { Answered } from './count-answers.ts';
import { clientAddress } from './client-address.ts';
import { factory } from './factory.ts';

interface AccessLogOptions {
  readonly log: Logger;
  readonly trustedProxyHops: number;
  /** Told of every answer, with the duration that is logged. */
  readonly onAnswered: (answered: Answered) => void;
}

/** Gives the request a logger, and logs one line when it was answered. */
export function accessLog({ log, trustedProxyHops, onAnswered }: AccessLogOptions) {
  // No field of a line can hold a secret: looking for one would take longer than writing it.
  const lines = log.child({}, { redact: [] });
  return factory.createMiddleware(async (c, next) => {
    const arrivedAt = performance.now();
    const requestId = c.get('requestId');
    c.set('log', log);
    await next();
    const answered = {
      method: c.req.method,
      route: routePath(c, -1),
      status: c.res.status,
      durationMs: performance.now() - arrivedAt,
    };
    onAnswered(answered);
    const { durationMs, ...line } = answered;
    const duration = Math.round(durationMs * 1000) / 1000;
    const client = clientAddress(c, trustedProxyHops);
    lines.info({ request_id: requestId, ...line, duration_ms: duration, client }, 'request');
  });
}
