import type { HttpBindings } from '@hono/node-server';
import { createFactory } from 'hono/factory';

import type { Logger } from '../telemetry/log.ts';

/** What every request carries. Bindings are missing when a test calls `app.request()`. */
export interface AppEnv {
  Variables: { requestId: string; log: Logger };
  Bindings: Partial<HttpBindings>;
}

export const factory = createFactory<AppEnv>();
