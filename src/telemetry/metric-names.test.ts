import { describe, expect, it } from 'vitest';

import { METRIC_NAMESPACE, metricDefinitions } from './metric-names.ts';

describe('the names of metrics', () => {
  it('are unique, and written as CloudWatch writes its own', () => {
    const names = metricDefinitions.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of [METRIC_NAMESPACE, ...names]) expect(name).toMatch(/^([A-Z][a-z]+)+$/);
  });

  it('hold those that alarms are set on', () => {
    const names = metricDefinitions.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        'ScoreUpdateLatency',
        'LeaderboardDrift',
        'RateLimited',
        'SseCapacityUsed',
        'ActionTokensVerified',
        'ActionTokensRejected',
      ]),
    );
  });
});
