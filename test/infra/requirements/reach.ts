import { expect } from 'vitest';

import { allOf, oneOf } from '../program.ts';
import {
  DATABASE,
  groupWithId,
  ingressOf,
  LOAD_BALANCER,
  REDIS,
  SECURITY_GROUP,
  SERVICE,
  serviceGroups,
} from '../resources.ts';
import type { Requirements } from './requirement.ts';

/** Who may open a connection to whom. */
export const reachRequirements = {
  'the internet reaches the load balancer only, and only its listeners': (program, { domain }) => {
    const open = allOf(program, SECURITY_GROUP).filter((group) =>
      ingressOf(group).some(({ cidrBlocks }) => cidrBlocks?.includes('0.0.0.0/0')),
    );
    expect(open.map(({ name }) => name)).toEqual(['LoadBalancerSecurityGroup']);
    expect(open.flatMap(ingressOf).map(({ fromPort, toPort }) => [fromPort, toPort])).toEqual(
      domain === undefined
        ? [[80, 80]]
        : [
            [80, 80],
            [443, 443],
          ],
    );
    expect(oneOf(program, LOAD_BALANCER).properties['securityGroups']).toEqual([
      'LoadBalancerSecurityGroup-id',
    ]);
  },
  'tasks are in private subnets, and only the load balancer reaches them': (program) => {
    const { networkConfiguration } = oneOf(program, SERVICE).properties;
    expect(networkConfiguration).toMatchObject({
      assignPublicIp: false,
      subnets: ['VpcPrivateSubnet1-id', 'VpcPrivateSubnet2-id'],
    });
    const [group, ...others] = serviceGroups(program);
    expect(others).toEqual([]);
    expect(ingressOf(groupWithId(program, group))).toEqual([
      { protocol: 'tcp', fromPort: 3000, toPort: 3000, securityGroups: ['LoadBalancerSecurityGroup-id'] },
    ]);
  },
  'only tasks reach PostgreSQL and Redis': (program) => {
    const data = [
      ...allOf(program, DATABASE).map(({ properties }) => [properties['vpcSecurityGroupIds'], 5432] as const),
      ...allOf(program, REDIS).map(({ properties }) => [properties['securityGroupIds'], 6379] as const),
    ];
    for (const [groups, port] of data) {
      expect(groups).toHaveLength(1);
      const [group] = groups as string[];
      expect(ingressOf(groupWithId(program, group))).toEqual([
        { protocol: 'tcp', fromPort: port, toPort: port, securityGroups: serviceGroups(program) },
      ]);
    }
  },
  'the default security group lets nobody in': (program) => {
    const { ingress, egress } = oneOf(
      program,
      'aws:ec2/defaultSecurityGroup:DefaultSecurityGroup',
    ).properties;
    expect([ingress, egress]).toEqual([[], []]);
  },
} satisfies Requirements;
