import { randomUUID } from 'node:crypto';

import { beforeAll, describe, expect, test } from 'vitest';

import { cleanUp } from '../harness/cleanup.ts';
import { type Fleet, nth, startFleet } from '../harness/fleet.ts';
import { startProcess, type TestProcess } from '../harness/process.ts';
import { type RedisServer, startRedisServer } from '../harness/redis-server.ts';
import { startTcpProxy } from '../harness/tcp-proxy.ts';
import { testSecrets } from '../harness/test-config.ts';
import { until } from '../harness/until.ts';

/** A second, and what a request takes on a machine that does other things too. */
const WITH_REDIS_MS = 1500;
const WITHOUT_REDIS_MS = 5500;

interface SentRequest {
  readonly method?: string;
  readonly token?: string;
  readonly body?: Readonly<Record<string, string>>;
}

interface Received {
  readonly status: number;
  readonly body: Readonly<Record<string, string>>;
}

async function send(
  { url }: TestProcess,
  path: string,
  { method = 'POST', token, body }: SentRequest,
): Promise<Received> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Received['body']) };
}

/** A credential, and what ends it. */
interface Access {
  readonly isAccepted: (at: TestProcess) => Promise<boolean>;
  readonly revoke: (at: TestProcess) => Promise<Received>;
}

async function register(at: TestProcess): Promise<{ credentials: Record<string, string>; token: string }> {
  const credentials = { username: `player-${randomUUID().slice(0, 13)}`, password: 'a password of a test' };
  const { status, body } = await send(at, '/v1/auth/register', { body: credentials });
  expect(status).toBe(201);
  return { credentials, token: body['access_token'] ?? '' };
}

/** Accepted or refused, and never anything else. */
async function reads(at: TestProcess, token: string): Promise<boolean> {
  const { status } = await send(at, '/v1/users/me', { method: 'GET', token });
  expect([200, 401]).toContain(status);
  return status === 200;
}

async function sessionThatLogsOut(at: TestProcess): Promise<Access> {
  const { token } = await register(at);
  return {
    isAccepted: async (process) => await reads(process, token),
    revoke: async (process) => await send(process, '/v1/auth/logout', { token }),
  };
}

async function accountThatIsDeleted(at: TestProcess): Promise<Access> {
  const { token } = await register(at);
  return {
    isAccepted: async (process) => await reads(process, token),
    revoke: async (process) => await send(process, '/v1/users/me', { method: 'DELETE', token }),
  };
}

async function otherSessionOfAPasswordChange(at: TestProcess): Promise<Access> {
  const { credentials, token } = await register(at);
  const { body } = await send(at, '/v1/auth/login', { body: credentials });
  const change = { current_password: credentials['password'] ?? '', new_password: 'another password' };
  return {
    isAccepted: async (process) => await reads(process, body['access_token'] ?? ''),
    revoke: async (process) =>
      await send(process, '/v1/users/me/password', { method: 'PUT', token, body: change }),
  };
}

async function apiKey(at: TestProcess): Promise<Access> {
  const operator = { token: testSecrets.ADMIN_API_KEY };
  const key = { name: 'of a test', role: 'game_service' };
  const { status, body } = await send(at, '/v1/admin/api-keys', { ...operator, body: key });
  expect(status).toBe(201);
  return {
    // An action that is not valid, so accepted is 400.
    isAccepted: async (process) => {
      const answer = await send(process, '/v1/actions', { token: body['api_key'] ?? '', body: {} });
      expect([400, 401]).toContain(answer.status);
      return answer.status === 400;
    },
    revoke: async (process) =>
      await send(process, `/v1/admin/api-keys/${body['api_key_id']}`, { ...operator, method: 'DELETE' }),
  };
}

const kinds = [
  ['a session that logs out', sessionThatLogsOut],
  ['an account that is deleted', accountThatIsDeleted],
  ['the other session when a password is changed', otherSessionOfAPasswordChange],
  ['an API key', apiKey],
] as const;

describe('what is revoked at one process', () => {
  let server: RedisServer;
  let fleet: Fleet;
  beforeAll(async () => {
    server = await startRedisServer();
    cleanUp(async () => await server.remove());
    fleet = await startFleet(2, { REDIS_URL: server.url });
    await shared();
  });

  const here = () => nth(fleet.processes, 0);
  const there = () => nth(fleet.processes, 1);

  /** Resolves when all processes use Redis. */
  async function shared(): Promise<void> {
    await until('all use Redis', async () => {
      const answers = await Promise.all(fleet.processes.map(readiness));
      return answers.every(isUsingRedis);
    });
  }

  /** Accepted at both, so that both remember it; then revoked here, and looked at there from the answer on. */
  async function expectRefusedWithin(ms: number, { isAccepted, revoke }: Access): Promise<void> {
    for (const process of [here(), there()]) expect(await isAccepted(process)).toBe(true);
    expect((await revoke(here())).status).toBe(204);
    expect(await isAccepted(here())).toBe(false);
    await until('it is refused there', async () => !(await isAccepted(there())), { timeoutMs: ms });
    expect(await isAccepted(there())).toBe(false);
  }

  test.each(kinds)('is refused at the other within a second: %s', async (_what, make) => {
    await expectRefusedWithin(WITH_REDIS_MS, await make(here()));
  });

  test('is refused at the other though it was never used there', async () => {
    const { isAccepted, revoke } = await sessionThatLogsOut(here());
    expect((await revoke(here())).status).toBe(204);
    expect(await isAccepted(there())).toBe(false);
  });

  test.each(kinds)('is refused within five seconds when Redis is frozen: %s', async (_what, make) => {
    const access = await make(here());
    await expectRefusedWithin(
      WITHOUT_REDIS_MS,
      during(access, () => server.freeze()),
    );
    server.thaw();
    await shared();
    expect(await access.isAccepted(there())).toBe(false);
  });

  test.concurrent.each(kinds)(
    'is refused within five seconds when Redis is never told: %s',
    async (_what, make) => {
      const proxy = await startTcpProxy(server.url);
      const apart = await startProcess({ DATABASE_URL: fleet.databaseUrl, REDIS_URL: proxy.url });
      await until('it uses Redis', async () => isUsingRedis(await readiness(apart)));
      const { isAccepted, revoke } = await make(apart);
      await proxy.swallow();
      await until(
        'it does not',
        async () => !(await isAccepted(apart)) || !isUsingRedis(await readiness(apart)),
      );
      expect(await isAccepted(there())).toBe(true);
      expect((await revoke(apart)).status).toBe(204);
      await until('it is refused there', async () => !(await isAccepted(there())), {
        timeoutMs: WITHOUT_REDIS_MS,
      });
    },
  );

  test.each(kinds)('is refused within five seconds when Redis is killed: %s', async (_what, make) => {
    const access = await make(here());
    await expectRefusedWithin(
      WITHOUT_REDIS_MS,
      during(access, () => server.crash()),
    );
    await server.start();
    await shared();
    expect(await access.isAccepted(there())).toBe(false);
  });
});

/** Revokes in the moment in which `fault` happens. */
function during(access: Access, fault: () => void | Promise<void>): Access {
  return {
    ...access,
    revoke: async (process) => {
      await fault();
      return await access.revoke(process);
    },
  };
}

async function readiness({ url }: TestProcess): Promise<unknown> {
  return await (await fetch(`${url}/health/ready`)).json();
}

function isUsingRedis(ready: unknown): boolean {
  return JSON.stringify(ready).includes('"used"');
}
