import { expect } from 'vitest';

import { METRIC_NAMESPACE, metricDefinitions } from '../../../src/telemetry/metric-names.ts';
import { allOf, oneOf, type Program } from '../program.ts';
import { ALARM, POLICY, widgetsOf } from '../resources.ts';
import type { Requirements } from './requirement.ts';

const laurel = { namespace: METRIC_NAMESPACE, dimensions: { Service: 'laurel' } };
const policy = (program: Program, name: string) => oneOf(program, POLICY, name).properties;
const alarm = (program: Program, name: string) => oneOf(program, ALARM, name).properties;

/** The specification's alarms, the others, what scales, and what the dashboard shows. */
export const watchRequirements = {
  'score updates above 500 ms at p99 alarm, and add tasks': (program) => {
    expect(alarm(program, 'ScoreUpdateLatency')).toMatchObject({
      ...laurel,
      metricName: 'ScoreUpdateLatency',
      extendedStatistic: 'p99',
      comparisonOperator: 'GreaterThanThreshold',
      threshold: 500,
      alarmActions: [topicArn(program), expect.stringContaining('ScaleOnLatency')],
    });
    expect(policy(program, 'ScaleOnLatency')).toMatchObject({
      policyType: 'StepScaling',
      stepScalingPolicyConfiguration: {
        stepAdjustments: [{ metricIntervalLowerBound: '0', scalingAdjustment: 50 }],
      },
    });
  },
  'more than one drifted entry alarms': (program) => {
    expect(alarm(program, 'LeaderboardDrift')).toMatchObject({
      ...laurel,
      metricName: 'LeaderboardDrift',
      statistic: 'Maximum',
      comparisonOperator: 'GreaterThanThreshold',
      threshold: 1,
    });
  },
  'more than 1000 answers of 429 in a minute alarm': (program) => {
    expect(alarm(program, 'RateLimited')).toMatchObject({
      ...laurel,
      metricName: 'RateLimited',
      statistic: 'Sum',
      period: 60,
      comparisonOperator: 'GreaterThanThreshold',
      threshold: 1000,
    });
  },
  'a task with more than 80 % of its streams alarms': (program) => {
    expect(alarm(program, 'SseCapacity')).toMatchObject({
      ...laurel,
      metricName: 'SseCapacityUsed',
      statistic: 'Maximum',
      comparisonOperator: 'GreaterThanThreshold',
      threshold: 80,
    });
  },
  'more than 5 % of action tokens rejected alarm, unless there are few': (program) => {
    const { metricQueries, threshold, comparisonOperator } = alarm(program, 'ActionTokensRejected');
    expect({ threshold, comparisonOperator }).toEqual({
      threshold: 5,
      comparisonOperator: 'GreaterThanThreshold',
    });
    expect(metricQueries).toMatchObject([
      { id: 'rejected', metric: { metricName: 'ActionTokensRejected', stat: 'Sum' } },
      { id: 'verified', metric: { metricName: 'ActionTokensVerified', stat: 'Sum' } },
      {
        expression: 'IF(rejected + verified >= 100, 100 * rejected / (rejected + verified), 0)',
        returnData: true,
      },
    ]);
  },
  'beside those of the specification exactly these alarm': (program, { redis }) => {
    const specified = [
      'ScoreUpdateLatency',
      'LeaderboardDrift',
      'RateLimited',
      'SseCapacity',
      'ActionTokensRejected',
    ];
    const ofService = ['ScoresCapped', 'NoHealthyTask', 'ServerErrors', 'MetricsUnreadable'];
    const ofDatabase = ['DatabaseStorage', 'DatabaseCpu', 'DatabaseConnections'];
    const ofRedis = ['DriftUnknown', 'RetryQueueDepth', 'RedisMemory', 'RedisEvictions'];
    const names = allOf(program, ALARM).map(({ name }) => name);
    expect(names.toSorted()).toEqual(
      [...specified, ...ofService, ...ofDatabase, ...(redis === undefined ? [] : ofRedis)].toSorted(),
    );
  },
  'a capped score, a silent comparison and an absent task alarm': (program, { redis }) => {
    expect(alarm(program, 'ScoresCapped')).toMatchObject({ ...laurel, statistic: 'Sum', threshold: 0 });
    expect(alarm(program, 'NoHealthyTask')).toMatchObject({
      metricName: 'HealthyHostCount',
      comparisonOperator: 'LessThanThreshold',
      threshold: 1,
      treatMissingData: 'breaching',
      dimensions: { TargetGroup: expect.stringMatching(/^targetgroup\//) as string },
    });
    if (redis === undefined) return;
    const silent = alarm(program, 'DriftUnknown');
    expect(silent).toMatchObject({
      ...laurel,
      metricName: 'LeaderboardDrift',
      treatMissingData: 'breaching',
    });
    expect(Number(silent['period']) * Number(silent['evaluationPeriods'])).toBe(15 * 60);
  },
  'every node of Redis counts': (program, { redis }) => {
    if (redis === undefined) return;
    const { metricQueries, dimensions } = alarm(program, 'RedisMemory');
    const nodes = metricQueries === undefined ? [dimensions] : dimensionsIn(metricQueries);
    expect(nodes).toEqual(
      ['001', '002'].slice(0, redis.nodes).map((node) => ({ CacheClusterId: `Redis-id-${node}` })),
    );
  },
  'every alarm tells the topic when it begins and ends, and what to do': (program, settings) => {
    for (const { properties } of allOf(program, ALARM)) {
      expect(properties['alarmActions']).toEqual(expect.arrayContaining([topicArn(program)]));
      expect(properties['okActions']).toEqual([topicArn(program)]);
      expect(properties['alarmDescription']).toContain(
        settings.repositoryUrl === undefined
          ? ': docs/operations.md#'
          : ': https://git.example.com/laurel/blob/main/docs/operations.md#',
      );
    }
    expect(
      allOf(program, 'aws:sns/topicSubscription:TopicSubscription').map(
        ({ properties }) => properties['endpoint'],
      ),
    ).toEqual(settings.alarmEmail === undefined ? [] : [settings.alarmEmail]);
  },
  'tasks are added on CPU, and on streams of a task': (program, { service }) => {
    expect(oneOf(program, 'aws:appautoscaling/target:Target').properties).toMatchObject({
      minCapacity: service.minTasks,
      maxCapacity: service.maxTasks,
    });
    expect(policy(program, 'LaurelAutoScalingCpuPolicy')).toMatchObject({
      targetTrackingScalingPolicyConfiguration: {
        predefinedMetricSpecification: { predefinedMetricType: 'ECSServiceAverageCPUUtilization' },
        targetValue: 60,
      },
    });
    expect(policy(program, 'ScaleOnStreams')).toMatchObject({
      policyType: 'TargetTrackingScaling',
      targetTrackingScalingPolicyConfiguration: {
        targetValue: 0.6 * service.maxStreams,
        customizedMetricSpecification: {
          namespace: METRIC_NAMESPACE,
          metricName: 'SseConnections',
          statistic: 'Average',
          dimensions: [{ name: 'Service', value: 'laurel' }],
        },
      },
    });
  },
  'the dashboard shows every metric of the service, and no other': (program) => {
    expect(new Set(shown(program).map(([, name]) => name))).toEqual(
      new Set(metricDefinitions.map(({ name }) => name)),
    );
    for (const [, , ...dimensions] of shown(program))
      expect(dimensions.slice(0, 2)).toEqual(['Service', 'laurel']);
  },
  'the dashboard has its rows, every alarm, and no graph upon another': (program) => {
    const widgets = widgetsOf(program);
    const headings = widgets.flatMap(({ properties }) => properties.markdown ?? []);
    expect(headings).toEqual(
      ['Traffic', 'Latency', 'Live', 'Anti-cheat', 'Data stores'].map((row) => `## ${row}`),
    );
    const arns = allOf(program, ALARM).map(({ name }) => expect.stringContaining(`/${name}`) as string);
    expect(widgets[0]?.properties.alarms).toHaveLength(arns.length);
    expect(widgets[0]?.properties.alarms).toEqual(expect.arrayContaining(arns));
    const cells = widgets.flatMap(cellsOf);
    expect(new Set(cells).size).toBe(cells.length);
    for (const { x, width } of widgets) expect(x + width).toBeLessThanOrEqual(24);
  },
} satisfies Requirements;

function topicArn(program: Program): string {
  const { name } = oneOf(program, 'aws:sns/topic:Topic');
  return expect.stringContaining(`/${name}`) as string;
}

function dimensionsIn(queries: unknown): unknown[] {
  return (queries as { metric?: { dimensions: unknown } }[]).flatMap(
    ({ metric }) => metric?.dimensions ?? [],
  );
}

/** The service's metrics on the dashboard: namespace, name, then names and values of dimensions. */
function shown(program: Program): (readonly unknown[])[] {
  return widgetsOf(program)
    .flatMap(({ properties }) => properties.metrics ?? [])
    .filter(([namespace]) => namespace === METRIC_NAMESPACE);
}

function cellsOf({ x, y, width, height }: ReturnType<typeof widgetsOf>[number]): string[] {
  return Array.from(
    { length: width * height },
    (_, cell) => `${x + (cell % width)},${y + Math.floor(cell / width)}`,
  );
}
