import type { LoadBalancer } from './load-balancer.ts';
import type { Network } from './network.ts';
import { DATABASE_PORT, REDIS_PORT, SERVICE_PORT } from './ports.ts';

export type SecurityGroups = ReturnType<typeof createSecurityGroups>;

type SecurityGroup = InstanceType<typeof aws.ec2.SecurityGroup>;

/** The load balancer reaches the service, the service reaches the data, and nothing else reaches either. */
export function createSecurityGroups({ vpc, cidr }: Network, { alb }: LoadBalancer) {
  const service = new aws.ec2.SecurityGroup('ServiceGroup', {
    vpcId: vpc.id,
    description: 'Only the load balancer may connect',
    ingress: [{ ...tcp(SERVICE_PORT), securityGroups: [alb.securityGroupId] }],
    // 443: images, secrets and logs, and the keys of an identity provider.
    egress: [
      { ...tcp(443), cidrBlocks: ['0.0.0.0/0'] },
      { ...tcp(DATABASE_PORT), cidrBlocks: [cidr] },
      { ...tcp(REDIS_PORT), cidrBlocks: [cidr] },
    ],
  });
  return {
    service,
    database: dataGroup('DatabaseGroup', { vpc, service, port: DATABASE_PORT }),
    redis: dataGroup('RedisGroup', { vpc, service, port: REDIS_PORT }),
  };
}

function dataGroup(
  name: string,
  { vpc, service, port }: { vpc: Network['vpc']; service: SecurityGroup; port: number },
) {
  return new aws.ec2.SecurityGroup(name, {
    vpcId: vpc.id,
    description: 'Only the service may connect',
    ingress: [{ ...tcp(port), securityGroups: [service.id] }],
    egress: [],
  });
}

function tcp(port: number) {
  return { protocol: 'tcp', fromPort: port, toPort: port };
}
