import { METRIC_NAMESPACE } from '../src/telemetry/metric-names.ts';
import type { Database } from './database.ts';
import type { LoadBalancer } from './load-balancer.ts';
import type { Source } from './metric.ts';
import type { Redis } from './redis.ts';
import type { Service } from './service.ts';

type Dimensions = Readonly<Record<string, $util.Input<string>>>;

/** For each source, the namespace of its metrics and whose they are; several where each node has its own, none where it is off. */
export type Sources = Readonly<
  Record<Source, { readonly namespace: string; readonly dimensions: readonly Dimensions[] }>
>;

/** Which resources the metrics of alarms and dashboard are about. */
export function createSources(deps: {
  readonly loadBalancer: LoadBalancer;
  readonly service: Service;
  readonly database: Database;
  readonly redis: Redis;
}): Sources {
  const { cluster, service, logGroupName, targetGroup } = deps.service;
  const LoadBalancer = deps.loadBalancer.alb.nodes.loadBalancer.arnSuffix;
  return {
    laurel: { namespace: METRIC_NAMESPACE, dimensions: [{ Service: 'laurel' }] },
    loadBalancer: { namespace: 'AWS/ApplicationELB', dimensions: [{ LoadBalancer }] },
    targets: {
      namespace: 'AWS/ApplicationELB',
      dimensions: [{ LoadBalancer, TargetGroup: targetGroup }],
    },
    tasks: {
      namespace: 'AWS/ECS',
      dimensions: [{ ClusterName: cluster.nodes.cluster.name, ServiceName: service.nodes.service.name }],
    },
    database: {
      namespace: 'AWS/RDS',
      dimensions: [{ DBInstanceIdentifier: deps.database.primary.identifier }],
    },
    replica: {
      namespace: 'AWS/RDS',
      dimensions:
        deps.database.replica === undefined
          ? []
          : [{ DBInstanceIdentifier: deps.database.replica.identifier }],
    },
    redis: {
      namespace: 'AWS/ElastiCache',
      dimensions: (deps.redis?.nodeIds ?? []).map((CacheClusterId) => ({ CacheClusterId })),
    },
    logs: { namespace: 'AWS/Logs', dimensions: [{ LogGroupName: logGroupName }] },
  };
}
