import { type AlarmDefinition, ONE_PERIOD } from './alarm-definition.ts';
import { laurel, ofAws } from './metric.ts';

/** For stages that have Redis. */
export const redisAlarms: readonly AlarmDefinition[] = [
  {
    name: 'DriftUnknown',
    heading: 'Nobody compares Redis with PostgreSQL',
    metrics: { drift: laurel('LeaderboardDrift', 'SampleCount') },
    is: 'below',
    threshold: 1,
    periodSeconds: 300,
    bad: { periods: 3, of: 3 },
    missing: 'bad',
  },
  {
    name: 'RetryQueueDepth',
    heading: 'Changes wait for Redis',
    metrics: { waiting: laurel('RetryQueueDepth', 'Maximum') },
    is: 'above',
    threshold: 1000,
    periodSeconds: 60,
    bad: { periods: 5, of: 5 },
  },
  {
    name: 'RedisMemory',
    heading: 'Redis runs out of memory',
    metrics: { used: ofAws('redis', 'DatabaseMemoryUsagePercentage', 'Maximum') },
    is: 'above',
    threshold: 75,
    periodSeconds: 300,
    bad: { periods: 2, of: 2 },
  },
  {
    name: 'RedisEvictions',
    heading: 'Redis evicts keys',
    metrics: { evicted: ofAws('redis', 'Evictions', 'Sum') },
    is: 'above',
    threshold: 0,
    periodSeconds: 300,
    bad: ONE_PERIOD,
  },
];
