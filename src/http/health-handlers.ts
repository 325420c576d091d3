import { z } from 'zod';

import type { Health } from '../telemetry/health.ts';
import { answerJson } from './answer.ts';
import { asSpelled } from './as-spelled.ts';
import { factory } from './factory.ts';
import { pageOperation } from './openapi.ts';

const Liveness = z.object({ status: z.literal('ok') }).meta({ id: 'Liveness' });

const Readiness = z
  .object({
    status: z.enum(['ready', 'not_ready']),
    checks: z.object({
      postgres: z.enum(['ok', 'failed']),
      replica: z
        .enum(['used', 'not_used'])
        .optional()
        .meta({ description: 'Missing without a read replica' }),
      redis: z.enum(['used', 'not_used']).optional().meta({ description: 'Missing without Redis' }),
    }),
  })
  .meta({ id: 'Readiness' });

/** Live: the process runs. Ready: it can serve, which needs PostgreSQL. */
export function healthHandlers(health: Health) {
  return {
    live: factory.createHandlers(
      pageOperation({
        id: 'checkLiveness',
        summary: 'Ask whether the process runs',
        success: { 200: { description: 'It does', schema: Liveness } },
      }),
      (c) => answerJson(c, { status: 'ok' }),
    ),
    ready: factory.createHandlers(
      pageOperation({
        id: 'checkReadiness',
        summary: 'Ask whether the process can serve',
        success: {
          200: { description: 'It can', schema: Readiness },
          503: { description: 'Send it no requests', schema: Readiness },
        },
      }),
      asSpelled,
      async (c) => {
        const { ready, checks } = await health.check();
        return answerJson(c, { status: ready ? 'ready' : 'not_ready', checks }, ready ? 200 : 503);
      },
    ),
  };
}
