import { readServiceVariables } from './service-variables.ts';

/** What differs between stages, and what an operator may choose at a deployment. Free of cloud types. */
export interface Settings {
  readonly stage: string;
  readonly production: boolean;
  readonly region: string;
  /** With it the service answers by HTTPS only; without it by HTTP, under the load balancer's own name. */
  readonly domain: string | undefined;
  /** For a domain whose zone is not in Route 53: the certificate, already validated. */
  readonly certificateArn: string | undefined;
  /** Where alarms send mail, once the address confirmed it. */
  readonly alarmEmail: string | undefined;
  /** Where this repository can be read; alarms link to its docs. */
  readonly repositoryUrl: string | undefined;
  /** A built image to run; without it one is built from the Dockerfile. */
  readonly image: string | undefined;
  readonly network: { readonly zones: number; readonly nat: 'managed' | 'ec2' };
  readonly database: DatabaseSettings;
  /** Undefined: PostgreSQL alone, as ADR-003 allows. */
  readonly redis: { readonly instance: string; readonly nodes: number } | undefined;
  readonly service: ServiceSettings;
  /** By the names of the service's variables; what is left out keeps its default. */
  readonly serviceVariables: Readonly<Record<string, string>>;
  readonly logRetentionDays: number;
}

interface DatabaseSettings {
  readonly instance: string;
  readonly storageGb: number;
  /** Up to which storage grows by itself. */
  readonly maxStorageGb: number;
  readonly multiAz: boolean;
  readonly replica: boolean;
  readonly backupDays: number;
  readonly maxConnections: number;
}

interface ServiceSettings {
  /** In thousandths of a vCPU. */
  readonly cpu: 256 | 512 | 1024 | 2048 | 4096;
  readonly memoryMb: number;
  readonly minTasks: number;
  readonly maxTasks: number;
  /** Connections to PostgreSQL of one task. */
  readonly poolSize: number;
  /** Streams that one task may have. */
  readonly maxStreams: number;
  /** How long requests in flight may take, once a task is told to stop and before that at the load balancer. */
  readonly drainSeconds: number;
}

/** Beside its pool a process may migrate, listen for changes and watch the replica. */
const CONNECTIONS_BESIDE_POOL = 3;

/** Production: two zones, each able to carry on alone. */
const production = {
  network: { zones: 2, nat: 'managed' },
  database: {
    instance: 'db.m7g.large',
    storageGb: 100,
    maxStorageGb: 500,
    multiAz: true,
    replica: false,
    backupDays: 14,
    maxConnections: 480,
  },
  redis: { instance: 'cache.m7g.large', nodes: 2 },
  service: {
    cpu: 1024,
    memoryMb: 2048,
    minTasks: 2,
    maxTasks: 8,
    poolSize: 20,
    maxStreams: 10_000,
    drainSeconds: 20,
  },
  logRetentionDays: 90,
} as const satisfies Partial<Settings>;

/** Every other stage: the same parts, each the smallest there is. */
const small = {
  network: { zones: 2, nat: 'ec2' },
  database: {
    instance: 'db.t4g.micro',
    storageGb: 20,
    maxStorageGb: 50,
    multiAz: false,
    replica: false,
    backupDays: 1,
    maxConnections: 80,
  },
  redis: { instance: 'cache.t4g.micro', nodes: 1 },
  service: {
    cpu: 256,
    memoryMb: 512,
    minTasks: 1,
    maxTasks: 2,
    poolSize: 10,
    maxStreams: 1000,
    drainSeconds: 20,
  },
  logRetentionDays: 7,
} as const satisfies Partial<Settings>;

/** It becomes part of names, the shortest of which (ElastiCache) may have 40 characters. */
const STAGE = /^[a-z0-9](?:-?[a-z0-9]){0,19}$/;

type Variables = Readonly<Record<string, string | undefined>>;

/** Reads the variables that docs/operations.md lists. Throws an Error that names the bad one. */
export function readSettings(stage: string, env: Variables): Settings {
  if (!STAGE.test(stage))
    throw new Error(`${stage} must be a stage: up to 20 of a-z, 0-9 and -, such as dev`);
  const isProduction = stage === 'production';
  const sizes = isProduction ? production : small;
  const certificateArn = read(env, 'LAUREL_CERTIFICATE_ARN');
  const domain = read(env, 'LAUREL_DOMAIN');
  if (certificateArn !== undefined && domain === undefined) {
    throw new Error('LAUREL_CERTIFICATE_ARN needs LAUREL_DOMAIN, the domain that it is for');
  }
  return {
    ...sizes,
    stage,
    production: isProduction,
    region: read(env, 'AWS_REGION') ?? 'us-east-1',
    domain,
    certificateArn,
    alarmEmail: read(env, 'LAUREL_ALARM_EMAIL'),
    repositoryUrl: read(env, 'LAUREL_REPOSITORY_URL')?.replace(/\/$/, ''),
    image: read(env, 'LAUREL_IMAGE'),
    database: { ...sizes.database, replica: readSwitch(env, 'LAUREL_REPLICA', sizes.database.replica) },
    redis: readSwitch(env, 'LAUREL_REDIS', true) ? sizes.redis : undefined,
    serviceVariables: readServiceVariables(env),
  };
}

/** The most connections to PostgreSQL there can be: all tasks, twice, because old ones run beside new ones. */
export function mostConnections({ maxTasks, poolSize }: ServiceSettings): number {
  return 2 * maxTasks * (poolSize + CONNECTIONS_BESIDE_POOL);
}

function read(env: Variables, name: string): string | undefined {
  return env[name]?.trim() || undefined;
}

function readSwitch(env: Variables, name: string, otherwise: boolean): boolean {
  const value = read(env, name);
  if (value === undefined) return otherwise;
  if (value !== 'on' && value !== 'off') throw new Error(`${name} must be on or off`);
  return value === 'on';
}
