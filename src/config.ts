import { Environment, list } from './environment.ts';

const MIN_SECRET_BYTES = 32;
const MIN_API_KEY_BYTES = 24;

export const secretNames = [
  'JWT_SECRET',
  'ACTION_TOKEN_SECRET',
  'GAME_SERVICE_API_KEY',
  'ADMIN_API_KEY',
] as const;
type SecretName = (typeof secretNames)[number];

/** Lists, because each secret can be rotated: the first signs, all are accepted. */
export type Secrets = Readonly<Record<SecretName, readonly string[]>>;

export function toSecrets(entriesOf: (name: SecretName) => readonly string[]): Secrets {
  return {
    JWT_SECRET: entriesOf('JWT_SECRET'),
    ACTION_TOKEN_SECRET: entriesOf('ACTION_TOKEN_SECRET'),
    GAME_SERVICE_API_KEY: entriesOf('GAME_SERVICE_API_KEY'),
    ADMIN_API_KEY: entriesOf('ADMIN_API_KEY'),
  };
}

export interface ExternalIssuer {
  readonly jwksUrl: URL;
  readonly issuer: string;
  readonly audience: string;
}

/** A server that speaks the Redis protocol, or Upstash's REST in front of one. */
type RedisConfig =
  | { readonly url: string; readonly caFile: string | undefined }
  | { readonly restUrl: string; readonly restToken: string };

export interface Config {
  readonly port: number;
  readonly production: boolean;
  readonly database: {
    readonly url: string | undefined;
    /** A streaming replica of the server at `url`. */
    readonly replicaUrl: string | undefined;
    readonly poolSize: number;
    readonly caFile: string | undefined;
    readonly dataDir: string;
  };
  readonly redis: RedisConfig | undefined;
  readonly secrets: Secrets;
  readonly externalIssuer: ExternalIssuer | undefined;
  readonly actionTokenTtlSeconds: number;
  readonly consumedActionRetentionSeconds: number;
  readonly rateLimits: {
    readonly enabled: boolean;
    readonly scoresPerMinute: number;
    readonly readsPerMinute: number;
    readonly authPerMinute: number;
  };
  readonly trustedProxyHops: number;
  readonly corsOrigins: readonly string[];
  readonly rankings: {
    readonly driftCheckIntervalSeconds: number;
    readonly rebuildHourUtc: number;
  };
  /** Whether metrics are written to stdout for CloudWatch. */
  readonly metricsEmf: boolean;
  readonly logLevel: string;
  readonly shutdownGraceSeconds: number;
  /** The variables whose values were made for this machine. */
  readonly localSecrets: readonly string[];
  /** What an operator should hear about at start, though it does not stop the service. */
  readonly warnings: readonly string[];
}

/** Stops the start. Names every bad variable, and never a value. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The configuration is not usable:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/**
 * Reads the whole configuration from the environment; an empty value counts as missing.
 * `localSecrets` supplies what a trial or a development machine leaves unset; production never calls it.
 * Throws a ConfigError with every problem at once.
 */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
  localSecrets: (dataDir: string) => Secrets,
): Config {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()));
  const parsed = Environment.safeParse(present);
  const problems = parsed.success
    ? []
    : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  const production = present['NODE_ENV'] === 'production';
  const weak = secretNames.flatMap((name) => secretProblems(name, present[name], production));
  problems.push(
    ...replicaProblems(present),
    ...redisProblems(present),
    ...issuerProblems(present),
    ...sharedKeyProblems(present),
    ...(production ? weak : []),
  );
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);

  const secrets = withLocalSecrets(parsed.data, localSecrets);
  const warnings = [...(production ? [] : weak), ...storageWarnings(parsed.data, production)];
  const localNames = secretNames.filter((name) => (parsed.data[name] ?? []).length === 0);
  return toConfig(parsed.data, { production, secrets, localSecrets: localNames, warnings });
}

function secretProblems(name: SecretName, text: string | undefined, production: boolean): string[] {
  const minBytes = name.endsWith('_API_KEY') ? MIN_API_KEY_BYTES : MIN_SECRET_BYTES;
  const items = text === undefined ? [] : list.parse(text);
  if (items.length === 0) return production ? [`${name}: must be set in production`] : [];
  const tooShort = items.some((item) => Buffer.byteLength(item) < minBytes);
  return tooShort ? [`${name}: every entry must have at least ${minBytes} bytes`] : [];
}

function replicaProblems(env: Readonly<Record<string, string | undefined>>): string[] {
  if (env['DATABASE_REPLICA_URL'] === undefined || env['DATABASE_URL'] !== undefined) return [];
  return ['DATABASE_REPLICA_URL: needs DATABASE_URL, the server that it is a replica of'];
}

function redisProblems(env: Readonly<Record<string, string | undefined>>): string[] {
  const rest = ['UPSTASH_REDIS_REST_URL', 'UPSTASH_REDIS_REST_TOKEN'];
  const missing = rest.filter((name) => env[name] === undefined);
  const problems: string[] = [];
  if (missing.length === 1)
    problems.push(`${missing[0]}: must be set, because ${rest.join(', ')} belong together`);
  if (env['REDIS_URL'] !== undefined && missing.length < 2) {
    problems.push('REDIS_URL: must not be set with UPSTASH_REDIS_REST_URL, which is another way to Redis');
  }
  if (env['REDIS_CA_FILE'] !== undefined && env['REDIS_URL']?.startsWith('rediss:') !== true) {
    problems.push('REDIS_CA_FILE: needs a REDIS_URL that begins with rediss://');
  }
  return problems;
}

function issuerProblems(env: Readonly<Record<string, string | undefined>>): string[] {
  const names = ['AUTH_JWKS_URL', 'AUTH_ISSUER', 'AUTH_AUDIENCE'];
  const missing = names.filter((name) => env[name] === undefined);
  if (missing.length === 0 || missing.length === names.length) return [];
  return missing.map((name) => `${name}: must be set, because ${names.join(', ')} belong together`);
}

function sharedKeyProblems(env: Readonly<Record<string, string | undefined>>): string[] {
  const keys = (name: SecretName) => list.parse(env[name] ?? '');
  const shared = keys('ADMIN_API_KEY').some((key) => keys('GAME_SERVICE_API_KEY').includes(key));
  return shared ? ['ADMIN_API_KEY: must share no key with GAME_SERVICE_API_KEY'] : [];
}

function storageWarnings(env: Environment, production: boolean): string[] {
  if (!production || env.DATABASE_URL !== undefined) return [];
  return ['DATABASE_URL is not set: embedded storage is for trial and small games'];
}

function withLocalSecrets(env: Environment, localSecrets: (dataDir: string) => Secrets): Secrets {
  const given = (name: SecretName) => env[name] ?? [];
  if (secretNames.every((name) => given(name).length > 0)) return toSecrets(given);
  const local = localSecrets(env.DATA_DIR);
  return toSecrets((name) => (given(name).length > 0 ? given(name) : local[name]));
}

function toConfig(
  env: Environment,
  rest: Pick<Config, 'production' | 'secrets' | 'localSecrets' | 'warnings'>,
): Config {
  return {
    ...rest,
    port: env.PORT,
    database: {
      url: env.DATABASE_URL,
      replicaUrl: env.DATABASE_REPLICA_URL,
      poolSize: env.DATABASE_POOL_SIZE,
      caFile: env.DATABASE_CA_FILE,
      dataDir: env.DATA_DIR,
    },
    redis: toRedisConfig(env),
    externalIssuer: toExternalIssuer(env),
    actionTokenTtlSeconds: env.ACTION_TOKEN_TTL_SECONDS,
    consumedActionRetentionSeconds: env.CONSUMED_ACTION_RETENTION_SECONDS,
    rateLimits: {
      enabled: env.RATE_LIMIT_ENABLED,
      scoresPerMinute: env.RATE_LIMIT_SCORES_PER_MINUTE,
      readsPerMinute: env.RATE_LIMIT_READS_PER_MINUTE,
      authPerMinute: env.RATE_LIMIT_AUTH_PER_MINUTE,
    },
    trustedProxyHops: env.TRUSTED_PROXY_HOPS,
    corsOrigins: env.CORS_ORIGINS,
    rankings: {
      driftCheckIntervalSeconds: env.DRIFT_CHECK_INTERVAL_SECONDS,
      rebuildHourUtc: env.REBUILD_HOUR_UTC,
    },
    metricsEmf: env.METRICS_EMF ?? rest.production,
    logLevel: env.LOG_LEVEL,
    shutdownGraceSeconds: env.SHUTDOWN_GRACE_SECONDS,
  };
}

function toRedisConfig(env: Environment): RedisConfig | undefined {
  const { REDIS_URL: url, UPSTASH_REDIS_REST_URL: restUrl, UPSTASH_REDIS_REST_TOKEN: restToken } = env;
  if (url !== undefined) return { url, caFile: env.REDIS_CA_FILE };
  return restUrl === undefined || restToken === undefined ? undefined : { restUrl, restToken };
}

function toExternalIssuer(env: Environment): ExternalIssuer | undefined {
  const { AUTH_JWKS_URL, AUTH_ISSUER, AUTH_AUDIENCE } = env;
  if (AUTH_JWKS_URL === undefined || AUTH_ISSUER === undefined || AUTH_AUDIENCE === undefined)
    return undefined;
  return { jwksUrl: new URL(AUTH_JWKS_URL), issuer: AUTH_ISSUER, audience: AUTH_AUDIENCE };
}
