import { type AlarmDefinition, ONE_PERIOD } from './alarm-definition.ts';
import { laurel } from './metric.ts';

/** Below this many tokens in five minutes a share of them says nothing: one bad token at night would be 100 %. */
const TOKENS_FOR_A_RATE = 100;

/** The five alarms of the specification (Monitoring Requirements), with its thresholds. */
export const specifiedAlarms: readonly AlarmDefinition[] = [
  {
    name: 'ScoreUpdateLatency',
    heading: 'Score updates are slow',
    metrics: { latency: laurel('ScoreUpdateLatency', 'p99') },
    is: 'above',
    threshold: 500,
    periodSeconds: 60,
    bad: { periods: 2, of: 3 },
    scalesOut: true,
  },
  {
    name: 'LeaderboardDrift',
    heading: 'Redis and PostgreSQL differ',
    metrics: { drift: laurel('LeaderboardDrift', 'Maximum') },
    is: 'above',
    threshold: 1,
    periodSeconds: 60,
    bad: ONE_PERIOD,
  },
  {
    name: 'RateLimited',
    heading: 'Many requests are refused with 429',
    metrics: { refused: laurel('RateLimited', 'Sum') },
    is: 'above',
    threshold: 1000,
    periodSeconds: 60,
    bad: ONE_PERIOD,
  },
  {
    name: 'SseCapacity',
    heading: 'Streams are near their limit',
    metrics: { used: laurel('SseCapacityUsed', 'Maximum') },
    is: 'above',
    threshold: 80,
    periodSeconds: 60,
    bad: { periods: 2, of: 2 },
  },
  {
    name: 'ActionTokensRejected',
    heading: 'Many action tokens are rejected',
    metrics: {
      rejected: laurel('ActionTokensRejected', 'Sum'),
      verified: laurel('ActionTokensVerified', 'Sum'),
    },
    expression: `IF(rejected + verified >= ${TOKENS_FOR_A_RATE}, 100 * rejected / (rejected + verified), 0)`,
    is: 'above',
    threshold: 5,
    periodSeconds: 300,
    bad: ONE_PERIOD,
  },
];
