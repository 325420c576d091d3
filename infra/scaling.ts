import { METRIC_NAMESPACE, type MetricName } from '../src/telemetry/metric-names.ts';
import type { Service } from './service.ts';
import type { Settings } from './settings.ts';

export type Scaling = ReturnType<typeof createScaling>;

/** Of the streams that a task may have: the rest is for those of a task that dies, and for the time until there are more tasks. */
const TARGET_SHARE = 0.6;

/** Beside scaling on CPU, which is part of the service. The greatest of all wishes counts. */
export function createScaling({ service: { maxStreams } }: Settings, { service }: Service) {
  const { serviceNamespace, scalableDimension, resourceId } = service.nodes.autoScalingTarget;
  const target = { serviceNamespace, scalableDimension, resourceId };
  const streams = new aws.appautoscaling.Policy('ScaleOnStreams', {
    ...target,
    policyType: 'TargetTrackingScaling',
    targetTrackingScalingPolicyConfiguration: {
      customizedMetricSpecification: {
        namespace: METRIC_NAMESPACE,
        metricName: 'SseConnections' satisfies MetricName,
        dimensions: [{ name: 'Service', value: 'laurel' }],
        // Every task tells its own number: their average is streams per task.
        statistic: 'Average',
      },
      targetValue: TARGET_SHARE * maxStreams,
      scaleInCooldown: 300,
      scaleOutCooldown: 60,
    },
  });
  const latency = new aws.appautoscaling.Policy('ScaleOnLatency', {
    ...target,
    policyType: 'StepScaling',
    stepScalingPolicyConfiguration: {
      adjustmentType: 'PercentChangeInCapacity',
      minAdjustmentMagnitude: 1,
      cooldown: 180,
      metricAggregationType: 'Maximum',
      // Half as many again, however far above: what makes updates slow may well be PostgreSQL, which more tasks load more.
      stepAdjustments: [{ metricIntervalLowerBound: '0', scalingAdjustment: 50 }],
    },
  });
  return { streams, latency };
}
