import { z } from 'zod';

const integer = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,16}$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be a whole number from ${min} to ${max}`);

const flag = z
  .enum(['true', 'false'], { error: 'must be true or false' })
  .transform((text) => text === 'true');

export const list = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);

/** What can stand behind `Authorization: Bearer `. */
const apiKeys = list.refine(
  (keys) => keys.every((key) => /^[\x21-\x7e]*$/.test(key)),
  'every key must be printable ASCII without spaces',
);

const sslModes = ['disable', 'no-verify', 'require', 'verify-ca', 'verify-full'];

const postgresUrl = z.string().superRefine((text, issue) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'postgres:' && url?.protocol !== 'postgresql:') {
    return issue.addIssue('must be a postgres:// URL');
  }
  const sslMode = url.searchParams.get('sslmode');
  if (sslMode !== null && !sslModes.includes(sslMode)) {
    issue.addIssue(`sslmode must be one of ${sslModes.join(', ')}`);
  }
  const otherTls = [...url.searchParams.keys()].filter((name) => /^ssl(?!mode$)/.test(name));
  if (otherTls.length > 0)
    issue.addIssue(`${otherTls.join(', ')} cannot be used: set sslmode and DATABASE_CA_FILE`);
});

const redisUrl = z.string().superRefine((text, issue) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if ((url?.protocol !== 'redis:' && url?.protocol !== 'rediss:') || url.hostname === '') {
    return issue.addIssue('must be a redis:// or rediss:// URL');
  }
  if (!/^\/?\d{0,5}$/.test(url.pathname)) issue.addIssue('its path must be the number of a database');
  if (url.search !== '')
    issue.addIssue('cannot have parameters: rediss:// demands TLS, and REDIS_CA_FILE names its authorities');
  if (!isDecodable(url.username) || !isDecodable(url.password)) {
    issue.addIssue('its user and password must be percent-encoded');
  }
});

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

const restUrl = z.string().superRefine((text, issue) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    return issue.addIssue('must be an http(s) URL');
  if (url.username !== '' || url.password !== '') issue.addIssue('cannot hold a user or a password');
});

/** Every environment variable that Laurel reads, each as text. README.md and .env.example list the same names. */
export const Environment = z.object({
  PORT: integer(0, 65_535).default(3000),
  NODE_ENV: z.string().optional(),
  DATABASE_URL: postgresUrl.optional(),
  DATABASE_REPLICA_URL: postgresUrl.optional(),
  DATABASE_POOL_SIZE: integer(2, 1000).default(10),
  DATABASE_CA_FILE: z.string().optional(),
  DATA_DIR: z.string().default('.data'),
  REDIS_URL: redisUrl.optional(),
  REDIS_CA_FILE: z.string().optional(),
  UPSTASH_REDIS_REST_URL: restUrl.optional(),
  UPSTASH_REDIS_REST_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]*$/, 'must be printable ASCII without spaces')
    .optional(),
  JWT_SECRET: list.optional(),
  AUTH_JWKS_URL: z.url({ protocol: /^https?$/, error: 'must be an http(s) URL' }).optional(),
  AUTH_ISSUER: z.string().optional(),
  AUTH_AUDIENCE: z.string().optional(),
  ACTION_TOKEN_SECRET: list.optional(),
  ACTION_TOKEN_TTL_SECONDS: integer(1, 86_400).default(300),
  CONSUMED_ACTION_RETENTION_SECONDS: integer(0, 31_536_000).default(3600),
  GAME_SERVICE_API_KEY: apiKeys.optional(),
  ADMIN_API_KEY: apiKeys.optional(),
  RATE_LIMIT_ENABLED: flag.default(true),
  RATE_LIMIT_SCORES_PER_MINUTE: integer(1, 1_000_000).default(120),
  RATE_LIMIT_READS_PER_MINUTE: integer(1, 1_000_000).default(600),
  RATE_LIMIT_AUTH_PER_MINUTE: integer(1, 1_000_000).default(10),
  TRUSTED_PROXY_HOPS: integer(0, 16).default(0),
  CORS_ORIGINS: list.default(['*']),
  DRIFT_CHECK_INTERVAL_SECONDS: integer(1, 86_400).default(300),
  REBUILD_HOUR_UTC: integer(0, 23).default(4),
  METRICS_EMF: flag.optional(),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
      error: 'must be one of trace, debug, info, warn, error, fatal, silent',
    })
    .default('info'),
  SHUTDOWN_GRACE_SECONDS: integer(0, 3600).default(20),
});
export type Environment = z.infer<typeof Environment>;

/** The names of every variable, in the order in which documents list them. */
export const variableNames = Object.keys(Environment.shape);
