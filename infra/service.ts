import { type ContainerDefinition, toTaskContainers } from './containers.ts';
import { authoritiesFile } from './database-authorities.ts';
import type { LoadBalancer } from './load-balancer.ts';
import type { Network } from './network.ts';
import { SERVICE_PORT } from './ports.ts';
import { narrowRoles } from './roles.ts';
import type { Secrets } from './secrets.ts';
import type { SecurityGroups } from './security-groups.ts';
import type { Settings } from './settings.ts';

export type Service = ReturnType<typeof createService>;

interface ServiceDependencies {
  readonly network: Network;
  readonly groups: SecurityGroups;
  readonly loadBalancer: LoadBalancer;
  readonly secrets: Secrets;
}

type ServiceArguments = ConstructorParameters<typeof sst.aws.Service>[1];

/** A migration may take three minutes of it. */
const HEALTH_GRACE_SECONDS = 300;

const forward = `${SERVICE_PORT}/http` as const;

/** The tasks, in private subnets behind the load balancer. A deployment whose tasks do not become healthy is rolled back. */
export function createService(settings: Settings, dependencies: ServiceDependencies) {
  const { cpu, memoryMb } = settings.service;
  const cluster = createCluster(dependencies);
  const logGroupName = `/laurel/${settings.stage}`;
  const service = new sst.aws.Service('Laurel', {
    cluster,
    architecture: 'arm64',
    cpu: `${cpu / 1024} vCPU` as '1 vCPU',
    memory: `${memoryMb / 1024} GB`,
    image: settings.image ?? { context: '.', dockerfile: 'Dockerfile' },
    environment: environmentOf(settings),
    ssm: dependencies.secrets,
    logging: { name: logGroupName },
    loadBalancer: balancingBy(dependencies.loadBalancer),
    scaling: {
      min: settings.service.minTasks,
      max: settings.service.maxTasks,
      cpuUtilization: 60,
      // Caches fill what there is, and more tasks would not empty them.
      memoryUtilization: false,
      scaleInCooldown: '5 minutes',
      scaleOutCooldown: '1 minute',
    },
    wait: true,
    transform: transforms(settings, dependencies),
  });
  return { cluster, service, logGroupName, targetGroup: targetGroupOf(service) };
}

/** Given the whole VPC in place of its parts, tasks would have public addresses. */
function createCluster({ network: { vpc }, groups }: ServiceDependencies) {
  return new sst.aws.Cluster('Cluster', {
    vpc: {
      id: vpc.id,
      securityGroups: [groups.service.id],
      containerSubnets: vpc.privateSubnets,
      loadBalancerSubnets: vpc.publicSubnets,
    },
  });
}

/** Whether the process runs, not whether it can serve: a failover of PostgreSQL must not take every task and its streams. */
function balancingBy({ alb, listen }: LoadBalancer): ServiceArguments['loadBalancer'] {
  return {
    instance: alb,
    rules: [{ listen, forward, conditions: { path: '/*' }, priority: 100 }],
    health: {
      [forward]: {
        path: '/health/live',
        interval: '10 seconds',
        timeout: '5 seconds',
        healthyThreshold: 2,
        unhealthyThreshold: 3,
      },
    },
  };
}

/** Where the component's own choices are not ours. */
function transforms(
  { service: { drainSeconds }, logRetentionDays }: Settings,
  { secrets, loadBalancer }: ServiceDependencies,
): ServiceArguments['transform'] {
  return {
    ...narrowRoles(secrets),
    logGroup: { retentionInDays: logRetentionDays },
    target: { deregistrationDelay: drainSeconds },
    service: (args, options) => {
      args.healthCheckGracePeriodSeconds = HEALTH_GRACE_SECONDS;
      args.deploymentMinimumHealthyPercent = 100;
      args.deploymentMaximumPercent = 200;
      // It needs a writable root file system.
      args.enableExecuteCommand = false;
      // A deployment would otherwise set the count back to the minimum, in the middle of a peak.
      options.ignoreChanges = ['desiredCount'];
      // ECS refuses targets that no load balancer knows, and with a domain the listener waits for its certificate.
      options.dependsOn = loadBalancer.listener;
    },
    taskDefinition: (args) => {
      const definitions = $jsonParse($util.output(args.containerDefinitions));
      args.containerDefinitions = $jsonStringify(
        definitions.apply(([definition]: [ContainerDefinition]) =>
          toTaskContainers(definition, drainSeconds),
        ),
      );
    },
  };
}

/** What CloudWatch calls the target group: the end of its ARN. */
function targetGroupOf(service: InstanceType<typeof sst.aws.Service>) {
  return service.nodes.service.loadBalancers.apply((targets) => {
    const arn = targets?.[0]?.targetGroupArn;
    if (arn === undefined) throw new Error('the service has no target group');
    return arn.slice(arn.lastIndexOf(':') + 1);
  });
}

/** Everything that is no secret; what is left out keeps its default. */
function environmentOf({ region, service, serviceVariables }: Settings): Record<string, string> {
  return {
    ...serviceVariables,
    NODE_ENV: 'production',
    PORT: String(SERVICE_PORT),
    DATABASE_POOL_SIZE: String(service.poolSize),
    DATABASE_CA_FILE: `/app/certs/${authoritiesFile(region)}`,
    SSE_MAX_CONNECTIONS: String(service.maxStreams),
    // The load balancer, and nothing else that adds to X-Forwarded-For.
    TRUSTED_PROXY_HOPS: '1',
    SHUTDOWN_GRACE_SECONDS: String(service.drainSeconds),
  };
}
