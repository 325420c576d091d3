import { type AlarmDefinition, ONE_PERIOD } from './alarm-definition.ts';
import { laurel, ofAws } from './metric.ts';

/** Fewer requests than this in five minutes make no rate. */
const REQUESTS_FOR_A_RATE = 100;

/** What the service, its tasks and its logs say, beyond the specification's five. */
export const serviceAlarms: readonly AlarmDefinition[] = [
  {
    name: 'ScoresCapped',
    heading: 'A score reached the greatest total',
    metrics: { capped: laurel('ScoresCapped', 'Sum') },
    is: 'above',
    threshold: 0,
    periodSeconds: 300,
    bad: ONE_PERIOD,
  },
  {
    name: 'NoHealthyTask',
    heading: 'No task is healthy',
    metrics: { healthy: ofAws('targets', 'HealthyHostCount', 'Maximum') },
    is: 'below',
    threshold: 1,
    periodSeconds: 60,
    bad: { periods: 2, of: 2 },
    missing: 'bad',
  },
  {
    name: 'ServerErrors',
    heading: 'Requests fail with 5xx',
    metrics: {
      service: ofAws('loadBalancer', 'HTTPCode_Target_5XX_Count', 'Sum'),
      balancer: ofAws('loadBalancer', 'HTTPCode_ELB_5XX_Count', 'Sum'),
      requests: ofAws('loadBalancer', 'RequestCount', 'Sum'),
    },
    expression:
      `IF(FILL(requests, 0) >= ${REQUESTS_FOR_A_RATE}, ` +
      '100 * (FILL(service, 0) + FILL(balancer, 0)) / FILL(requests, 1), 0)',
    is: 'above',
    threshold: 1,
    periodSeconds: 300,
    bad: ONE_PERIOD,
  },
  {
    name: 'MetricsUnreadable',
    heading: 'CloudWatch cannot read the metrics',
    metrics: {
      parsing: ofAws('logs', 'EMFParsingErrors', 'Sum'),
      validation: ofAws('logs', 'EMFValidationErrors', 'Sum'),
    },
    expression: 'FILL(parsing, 0) + FILL(validation, 0)',
    is: 'above',
    threshold: 0,
    periodSeconds: 300,
    bad: ONE_PERIOD,
  },
];
