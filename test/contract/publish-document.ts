import { createApp } from '../../src/app.ts';
import type { Database } from '../../src/db/index.ts';
import { createHealth } from '../../src/telemetry/health.ts';
import { createLogger } from '../../src/telemetry/log.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { testConfig } from '../harness/test-config.ts';
import type { OpenApiDocument } from './document.ts';

/** What GET /openapi.json answers. No store is needed for it. */
export async function publishDocument(): Promise<OpenApiDocument> {
  const db = { store: 'postgres' } as Database;
  const log = createLogger('silent');
  const clock = Date.now;
  const metrics = createMetrics({ clock, driftIntervalMs: undefined });
  const app = createApp({ config: testConfig(), db, log, metrics, clock, health: createHealth({ db }) });
  const response = await app.request('/openapi.json');
  return (await response.json()) as OpenApiDocument;
}
