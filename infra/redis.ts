import type { Network } from './network.ts';
import { REDIS_PORT } from './ports.ts';
import type { SecurityGroups } from './security-groups.ts';
import type { Settings } from './settings.ts';

export type Redis = ReturnType<typeof createRedis>;

/** The ranking index on ElastiCache: one shard without cluster mode, by TLS and with a password; undefined where it is off. */
export function createRedis({ redis, stage }: Settings, network: Network, groups: SecurityGroups) {
  if (redis === undefined) return undefined;
  // 32 to 128 characters, and nothing that a URL would have to escape.
  const password = new random.RandomPassword('RedisPassword', { length: 64, special: false });
  const replicationGroupId = `laurel-${stage}`;
  const group = new aws.elasticache.ReplicationGroup('Redis', {
    replicationGroupId,
    description: 'The ranking index of Laurel',
    engine: 'redis',
    engineVersion: '7.1',
    nodeType: redis.instance,
    clusterMode: 'disabled',
    numCacheClusters: redis.nodes,
    automaticFailoverEnabled: redis.nodes > 1,
    multiAzEnabled: redis.nodes > 1,
    port: REDIS_PORT,
    parameterGroupName: createParameters().name,
    subnetGroupName: new aws.elasticache.SubnetGroup('RedisSubnets', {
      subnetIds: network.vpc.privateSubnets,
    }).name,
    securityGroupIds: [groups.redis.id],
    atRestEncryptionEnabled: true,
    transitEncryptionEnabled: true,
    transitEncryptionMode: 'required',
    authToken: password.result,
    authTokenUpdateStrategy: 'ROTATE',
    // Nothing to keep: an index that is gone is built anew from PostgreSQL.
    snapshotRetentionLimit: 0,
    maintenanceWindow: 'tue:08:30-tue:09:30',
    applyImmediately: true,
  });
  return {
    url: $interpolate`rediss://:${password.result}@${group.primaryEndpointAddress}:${REDIS_PORT}`,
    // ElastiCache names the nodes so.
    nodeIds: Array.from({ length: redis.nodes }, (_, node) =>
      group.id.apply((id) => `${id}-${String(node + 1).padStart(3, '0')}`),
    ),
  };
}

/** Full, it refuses writes, and each refusal has an answer. Eviction would take counts of rate limits and parts of boards in silence. */
function createParameters() {
  return new aws.elasticache.ParameterGroup('RedisParameters', {
    family: 'redis7',
    parameters: [{ name: 'maxmemory-policy', value: 'noeviction' }],
  });
}
