import { describe, expect, test } from 'vitest';

import { ConfigError, readConfig, secretNames, toSecrets } from './config.ts';

const strong = {
  JWT_SECRET: 'j'.repeat(32),
  ACTION_TOKEN_SECRET: 'a'.repeat(32),
  GAME_SERVICE_API_KEY: 'g'.repeat(24),
  ADMIN_API_KEY: 'o'.repeat(24),
};
const production = { ...strong, NODE_ENV: 'production', DATABASE_URL: 'postgres://db/laurel' };
const local = toSecrets((name) => [`local ${name}`]);

function read(env: Record<string, string>) {
  return readConfig(env, () => local);
}

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    read(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('values', () => {
  test.each([
    ['PORT', '65536', 'must be a whole number from 0 to 65535'],
    ['PORT', '-1', 'must be a whole number from 0 to 65535'],
    ['PORT', '80a', 'must be a whole number from 0 to 65535'],
    ['PORT', '1e3', 'must be a whole number from 0 to 65535'],
    ['DATABASE_URL', 'mysql://db/laurel', 'must be a postgres:// URL'],
    ['DATABASE_URL', 'db', 'must be a postgres:// URL'],
    [
      'DATABASE_URL',
      'postgres://db/laurel?sslmode=prefer',
      'sslmode must be one of disable, no-verify, require, verify-ca, verify-full',
    ],
    ['DATABASE_POOL_SIZE', '1', 'must be a whole number from 2 to 1000'],
    ['ACTION_TOKEN_TTL_SECONDS', '0', 'must be a whole number from 1 to 86400'],
    ['CONSUMED_ACTION_RETENTION_SECONDS', '1.5', 'must be a whole number from 0 to 31536000'],
    ['RATE_LIMIT_ENABLED', 'yes', 'must be true or false'],
    ['RATE_LIMIT_SCORES_PER_MINUTE', '0', 'must be a whole number from 1 to 1000000'],
    ['RATE_LIMIT_READS_PER_MINUTE', '1000001', 'must be a whole number from 1 to 1000000'],
    ['RATE_LIMIT_AUTH_PER_MINUTE', '-1', 'must be a whole number from 1 to 1000000'],
    ['TRUSTED_PROXY_HOPS', '17', 'must be a whole number from 0 to 16'],
    ['SHUTDOWN_GRACE_SECONDS', '3601', 'must be a whole number from 0 to 3600'],
    ['LOG_LEVEL', 'loud', 'must be one of trace, debug, info, warn, error, fatal, silent'],
  ])('refuses %s=%s', (name, value, message) => {
    expect(problemsOf({ [name]: value })).toEqual([`${name}: ${message}`]);
  });

  test('names every bad variable at once', () => {
    const env = { ...production, PORT: 'x', LOG_LEVEL: 'x', JWT_SECRET: 'short', AUTH_ISSUER: 'https://id' };
    expect(problemsOf(env).map((problem) => problem.split(':')[0])).toEqual([
      'PORT',
      'LOG_LEVEL',
      'AUTH_JWKS_URL',
      'AUTH_AUDIENCE',
      'JWT_SECRET',
    ]);
  });

  test('takes an empty value for a missing one', () => {
    expect(read({ PORT: '', DATABASE_URL: ' ', CORS_ORIGINS: '' })).toEqual(read({}));
  });

  test('turns the rate limits off with "false"', () => {
    expect(read({ RATE_LIMIT_ENABLED: 'false' }).rateLimits.enabled).toBe(false);
    expect(read({ RATE_LIMIT_ENABLED: 'true' }).rateLimits).toEqual(read({}).rateLimits);
  });

  test('reads lists separated by commas, without empty entries', () => {
    const config = read({
      CORS_ORIGINS: ' https://a.example, ,https://b.example,',
      JWT_SECRET: `${strong.JWT_SECRET}, old`,
    });
    expect(config.corsOrigins).toEqual(['https://a.example', 'https://b.example']);
    expect(config.secrets.JWT_SECRET).toEqual([strong.JWT_SECRET, 'old']);
  });

  test('wants the three variables of an identity provider together', () => {
    expect(problemsOf({ AUTH_ISSUER: 'https://id.example' })).toEqual([
      'AUTH_JWKS_URL: must be set, because AUTH_JWKS_URL, AUTH_ISSUER, AUTH_AUDIENCE belong together',
      'AUTH_AUDIENCE: must be set, because AUTH_JWKS_URL, AUTH_ISSUER, AUTH_AUDIENCE belong together',
    ]);
    const issuer = {
      AUTH_JWKS_URL: 'https://id.example/keys',
      AUTH_ISSUER: 'https://id.example',
      AUTH_AUDIENCE: 'game',
    };
    expect(read(issuer).externalIssuer?.jwksUrl.href).toBe('https://id.example/keys');
  });

  test.each([
    ['mysql://replica/laurel', 'must be a postgres:// URL'],
    [
      'postgres://replica/laurel?sslrootcert=a.pem',
      'sslrootcert cannot be used: set sslmode and DATABASE_CA_FILE',
    ],
  ])('refuses %s as a read replica', (url, message) => {
    expect(problemsOf({ ...production, DATABASE_REPLICA_URL: url })).toEqual([
      `DATABASE_REPLICA_URL: ${message}`,
    ]);
  });

  test('wants a read replica to have a primary', () => {
    const replica = { DATABASE_REPLICA_URL: 'postgres://replica/laurel' };
    expect(problemsOf(replica)).toEqual([
      'DATABASE_REPLICA_URL: needs DATABASE_URL, the server that it is a replica of',
    ]);
    expect(read({ ...production, ...replica }).database.replicaUrl).toBe('postgres://replica/laurel');
  });

  test.each([
    ['http://redis', 'must be a redis:// or rediss:// URL'],
    ['redis', 'must be a redis:// or rediss:// URL'],
    ['redis:///0', 'must be a redis:// or rediss:// URL'],
    ['redis://redis/laurel', 'its path must be the number of a database'],
    ['redis://:100%@redis', 'its user and password must be percent-encoded'],
    [
      'rediss://redis?tls=1',
      'cannot have parameters: rediss:// demands TLS, and REDIS_CA_FILE names its authorities',
    ],
  ])('refuses %s as REDIS_URL', (url, message) => {
    expect(problemsOf({ REDIS_URL: url })).toEqual([`REDIS_URL: ${message}`]);
  });

  test.each([
    ['redis://redis', 'must be an http(s) URL'],
    ['https://user:secret@redis.example', 'cannot hold a user or a password'],
  ])('refuses %s as UPSTASH_REDIS_REST_URL', (url, message) => {
    expect(problemsOf({ UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: 'token' })).toEqual([
      `UPSTASH_REDIS_REST_URL: ${message}`,
    ]);
  });

  test('wants one way to Redis, and all that it takes', () => {
    const restUrl = 'https://redis.example';
    expect(problemsOf({ UPSTASH_REDIS_REST_TOKEN: 'token' })).toEqual([
      'UPSTASH_REDIS_REST_URL: must be set, because UPSTASH_REDIS_REST_URL, UPSTASH_REDIS_REST_TOKEN belong together',
    ]);
    expect(problemsOf({ UPSTASH_REDIS_REST_URL: restUrl, REDIS_URL: 'redis://redis' })).toEqual([
      'UPSTASH_REDIS_REST_TOKEN: must be set, because UPSTASH_REDIS_REST_URL, UPSTASH_REDIS_REST_TOKEN belong together',
      'REDIS_URL: must not be set with UPSTASH_REDIS_REST_URL, which is another way to Redis',
    ]);
    expect(problemsOf({ REDIS_URL: 'redis://redis', REDIS_CA_FILE: 'ca.pem' })).toEqual([
      'REDIS_CA_FILE: needs a REDIS_URL that begins with rediss://',
    ]);
  });

  test('takes Redis by its protocol, by REST, or goes without', () => {
    expect(read({}).redis).toBeUndefined();
    const url = 'rediss://user:p%40ss@redis:6380/2';
    expect(read({ REDIS_URL: url }).redis).toEqual({ url, caFile: undefined });
    expect(read({ REDIS_URL: url, REDIS_CA_FILE: 'ca.pem' }).redis).toEqual({ url, caFile: 'ca.pem' });
    const rest = { UPSTASH_REDIS_REST_URL: 'https://redis.example', UPSTASH_REDIS_REST_TOKEN: 'token' };
    expect(read(rest).redis).toEqual({ restUrl: 'https://redis.example', restToken: 'token' });
  });

  test('refuses a key that is both an operator and a game service', () => {
    expect(problemsOf({ ...strong, GAME_SERVICE_API_KEY: `other, ${strong.ADMIN_API_KEY}` })).toEqual([
      'ADMIN_API_KEY: must share no key with GAME_SERVICE_API_KEY',
    ]);
  });
});

describe('in production', () => {
  test.each(secretNames)('refuses to start without %s', (name) => {
    expect(problemsOf({ ...production, [name]: '' })).toEqual([`${name}: must be set in production`]);
    expect(problemsOf({ ...production, [name]: ' , ' })).toEqual([`${name}: must be set in production`]);
  });

  test('wants strong secrets with embedded storage too', () => {
    expect(problemsOf({ NODE_ENV: 'production' })).toEqual(
      secretNames.map((name) => `${name}: must be set in production`),
    );
  });

  test.each([
    ['JWT_SECRET', 32],
    ['ACTION_TOKEN_SECRET', 32],
    ['GAME_SERVICE_API_KEY', 24],
    ['ADMIN_API_KEY', 24],
  ] as const)('refuses any entry of %s below %i bytes', (name, bytes) => {
    const entries = `${strong[name]},${'x'.repeat(bytes - 1)}`;
    expect(problemsOf({ ...production, [name]: entries })).toEqual([
      `${name}: every entry must have at least ${bytes} bytes`,
    ]);
  });

  test('counts bytes, not characters', () => {
    expect(problemsOf({ ...production, JWT_SECRET: '\u00e9'.repeat(16) })).toEqual([]);
  });

  test('never makes up a secret', () => {
    const makeUp = () => {
      throw new Error('asked for local secrets');
    };
    expect(readConfig(production, makeUp).secrets.JWT_SECRET).toEqual([strong.JWT_SECRET]);
  });

  test('warns of embedded storage', () => {
    expect(read({ ...strong, NODE_ENV: 'production' }).warnings).toEqual([
      'DATABASE_URL is not set: embedded storage is for trial and small games',
    ]);
    expect(read(production).warnings).toEqual([]);
  });
});

describe('outside production', () => {
  test('takes what is missing from the local secrets', () => {
    const { secrets } = read({ JWT_SECRET: strong.JWT_SECRET });
    expect(secrets).toEqual({ ...local, JWT_SECRET: [strong.JWT_SECRET] });
  });

  test('warns of a weak secret', () => {
    expect(read({ JWT_SECRET: 'short' }).warnings).toEqual([
      'JWT_SECRET: every entry must have at least 32 bytes',
    ]);
  });
});

test('no problem and no warning repeats a value', () => {
  const bad = Object.fromEntries(
    [
      'PORT',
      'DATABASE_URL',
      'DATABASE_REPLICA_URL',
      'REDIS_URL',
      'UPSTASH_REDIS_REST_URL',
      'AUTH_JWKS_URL',
      'LOG_LEVEL',
      'GAME_SERVICE_API_KEY',
      ...secretNames,
    ].map((name) => [name, 's3cret']),
  );
  expect(problemsOf({ ...bad, NODE_ENV: 'production' }).length).toBeGreaterThan(5);
  expect(problemsOf({ ...bad, NODE_ENV: 'production' }).join()).not.toContain('s3cret');
  expect(read({ JWT_SECRET: 's3cret' }).warnings.join()).not.toContain('s3cret');
});
