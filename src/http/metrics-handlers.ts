import type { Metrics } from '../telemetry/metrics.ts';
import { PROMETHEUS_CONTENT_TYPE, toPrometheusText } from '../telemetry/prometheus.ts';
import { asSpelled } from './as-spelled.ts';
import { factory } from './factory.ts';
import { pageOperation } from './openapi.ts';

/** Anyone who reaches the process may ask; a load balancer in front keeps the world from it. */
export function metricsHandlers(metrics: Metrics) {
  return {
    get: factory.createHandlers(
      pageOperation({
        id: 'getMetrics',
        summary: 'Read what this process has counted, as Prometheus reads it',
        success: { 200: { description: 'The metrics, text format 0.0.4', contentTypes: ['text/plain'] } },
      }),
      asSpelled,
      (c) =>
        c.body(toPrometheusText(metrics), 200, {
          'Content-Type': PROMETHEUS_CONTENT_TYPE,
          'Cache-Control': 'no-store',
        }),
    ),
  };
}
