import { allOf, oneOf, type Program, type Resource } from './program.ts';

export const LOAD_BALANCER = 'aws:lb/loadBalancer:LoadBalancer';
export const LISTENER = 'aws:lb/listener:Listener';
export const LISTENER_RULE = 'aws:lb/listenerRule:ListenerRule';
export const TARGET_GROUP = 'aws:lb/targetGroup:TargetGroup';
export const SECURITY_GROUP = 'aws:ec2/securityGroup:SecurityGroup';
export const DATABASE = 'aws:rds/instance:Instance';
export const REDIS = 'aws:elasticache/replicationGroup:ReplicationGroup';
export const SECRET = 'aws:secretsmanager/secret:Secret';
export const SECRET_VERSION = 'aws:secretsmanager/secretVersion:SecretVersion';
export const SERVICE = 'aws:ecs/service:Service';
export const TASK = 'aws:ecs/taskDefinition:TaskDefinition';
export const ROLE = 'aws:iam/role:Role';
export const ALARM = 'aws:cloudwatch/metricAlarm:MetricAlarm';
export const POLICY = 'aws:appautoscaling/policy:Policy';

interface Container {
  readonly name: string;
  readonly image: string;
  readonly environment: readonly { readonly name: string; readonly value: string }[];
  readonly secrets: readonly { readonly name: string; readonly valueFrom: string }[];
  readonly [other: string]: unknown;
}

/** The containers of a task: the service, and what migrates before it. */
export function containersOf(program: Program): readonly [service: Container, migration: Container] {
  return JSON.parse(String(oneOf(program, TASK).properties['containerDefinitions'])) as [
    Container,
    Container,
  ];
}

export function environmentOf(program: Program): Readonly<Record<string, string>> {
  return Object.fromEntries(containersOf(program)[0].environment.map(({ name, value }) => [name, value]));
}

export interface Rule {
  readonly protocol: string;
  readonly fromPort: number;
  readonly toPort: number;
  readonly cidrBlocks?: readonly string[];
  readonly securityGroups?: readonly string[];
}

export function ingressOf(group: Resource): readonly Rule[] {
  return group.properties['ingress'] as readonly Rule[];
}

/** The security group with an id. */
export function groupWithId(program: Program, id: string | undefined): Resource {
  const group = allOf(program, SECURITY_GROUP).find(({ name }) => `${name}-id` === id);
  if (group === undefined) throw new Error(`there is no security group ${id}`);
  return group;
}

/** The groups that the tasks are in. */
export function serviceGroups(program: Program): readonly string[] {
  const network = oneOf(program, SERVICE).properties['networkConfiguration'] as {
    readonly securityGroups: readonly string[];
  };
  return network.securityGroups;
}

export interface Widget {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: {
    readonly title?: string;
    readonly markdown?: string;
    readonly alarms?: readonly string[];
    readonly metrics?: readonly (readonly unknown[])[];
  };
}

export function widgetsOf(program: Program): readonly Widget[] {
  const body = String(oneOf(program, 'aws:cloudwatch/dashboard:Dashboard').properties['dashboardBody']);
  return (JSON.parse(body) as { widgets: readonly Widget[] }).widgets;
}
