import type { AlarmDefinition } from './alarm-definition.ts';
import { alarmDefinitions, runbookOf } from './alarm-definitions.ts';
import type { Metric } from './metric.ts';
import type { Scaling } from './scaling.ts';
import type { Settings } from './settings.ts';
import type { Sources } from './sources.ts';

export type Alarms = ReturnType<typeof createAlarms>;

type MetricAlarm = InstanceType<typeof aws.cloudwatch.MetricAlarm>;

/** Every alarm tells the topic when it begins and when it ends; slow score updates add tasks as well. */
export function createAlarms(
  settings: Settings,
  { sources, scaling }: { sources: Sources; scaling: Scaling },
) {
  const topic = new aws.sns.Topic('AlarmTopic', { name: `laurel-${settings.stage}-alarms` });
  if (settings.alarmEmail !== undefined) {
    new aws.sns.TopicSubscription('AlarmEmail', {
      topic: topic.arn,
      protocol: 'email',
      endpoint: settings.alarmEmail,
    });
  }
  const alarms = alarmDefinitions(settings).map(
    (definition): MetricAlarm =>
      new aws.cloudwatch.MetricAlarm(definition.name, {
        name: `laurel-${settings.stage}-${definition.name}`,
        alarmDescription: `${definition.heading}: ${runbookOf(definition, settings.repositoryUrl)}`,
        ...conditionOf(definition),
        ...measureOf(definition, sources),
        alarmActions: [topic.arn, ...(definition.scalesOut ? [scaling.latency.arn] : [])],
        okActions: [topic.arn],
      }),
  );
  return { topic, alarms };
}

function conditionOf({ is, threshold, bad, missing }: AlarmDefinition) {
  return {
    comparisonOperator: is === 'above' ? 'GreaterThanThreshold' : 'LessThanThreshold',
    threshold,
    evaluationPeriods: bad.of,
    datapointsToAlarm: bad.periods,
    treatMissingData: missing === 'bad' ? 'breaching' : 'notBreaching',
  };
}

/** One metric of one thing stays a plain alarm; anything else is metric math, and several nodes count by their highest. */
function measureOf({ metrics, expression, periodSeconds: period }: AlarmDefinition, sources: Sources) {
  const queries = Object.entries(metrics).flatMap(([key, metric]) => queriesOf(key, metric, sources, period));
  const [only] = queries;
  if (expression === undefined && queries.length === 1 && only !== undefined) return plain(only.metric);
  const result = {
    id: 'result',
    label: 'result',
    expression: expression ?? 'MAX(METRICS())',
    returnData: true,
  };
  return { metricQueries: [...queries, result] };
}

function queriesOf(key: string, metric: Metric, sources: Sources, period: number) {
  const { namespace, dimensions } = sources[metric.source];
  return dimensions.map((dimensions, node, all) => ({
    id: all.length === 1 ? key : `${key}${node + 1}`,
    metric: { namespace, metricName: metric.name, dimensions, period, stat: metric.statistic },
  }));
}

/** CloudWatch takes a percentile under another name than any other statistic. */
function plain({ stat, ...rest }: ReturnType<typeof queriesOf>[number]['metric']) {
  return /^p\d/.test(stat) ? { ...rest, extendedStatistic: stat } : { ...rest, statistic: stat };
}
