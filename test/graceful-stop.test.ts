import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

import { describe, expect, onTestFinished, test } from 'vitest';

import { createTestDatabase } from './harness/database.ts';
import { beginProcess, startProcess, type TestProcess } from './harness/process.ts';
import { beginRequest, isRefused, openConnection } from './harness/request-in-flight.ts';
import { testSecrets } from './harness/test-config.ts';
import { until } from './harness/until.ts';

const { url: databaseUrl } = await createTestDatabase();

async function start(env: Record<string, string> = {}): Promise<TestProcess> {
  return await startProcess({ DATABASE_URL: databaseUrl, ...env });
}

describe('SIGTERM', () => {
  test('lets a request in flight finish, refuses new connections, and ends with 0', async () => {
    const service = await start();
    const request = await beginRequest(service.url);
    service.signal('SIGTERM');
    await until('new connections are refused', async () => await isRefused(service.url));
    expect(request.received()).not.toContain('HTTP/1.1 401');
    request.finish();
    expect(await service.ended).toMatchObject({ code: 0, stderr: '' });
    expect(request.received()).toContain('HTTP/1.1 401');
    expect(service.logs.map(({ msg }) => msg)).toEqual(expect.arrayContaining(['stopping', 'stopped']));
  });

  test('does not wait for a connection that is kept alive', async () => {
    const service = await start({ SHUTDOWN_GRACE_SECONDS: '3600' });
    const { socket, received } = await openConnection(service.url);
    socket.write('GET /health/live HTTP/1.1\r\nHost: laurel\r\n\r\n');
    await until('it is answered', () => received().includes('"ok"'));
    expect(await service.stop()).toMatchObject({ code: 0 });
  });

  test('does not wait for a connection on which nothing was asked', async () => {
    const service = await start({ SHUTDOWN_GRACE_SECONDS: '3600' });
    await openConnection(service.url);
    expect(await service.stop()).toMatchObject({ code: 0 });
  });

  test('cuts a request that is not finished within the grace', async () => {
    const service = await start({ SHUTDOWN_GRACE_SECONDS: '1' });
    await beginRequest(service.url);
    expect(await service.stop()).toMatchObject({ code: 0 });
  });

  test('ends the process at once when it comes again', async () => {
    const service = await start({ SHUTDOWN_GRACE_SECONDS: '3600' });
    await beginRequest(service.url);
    service.signal('SIGTERM');
    await until('the stop has begun', () => service.logs.some(({ msg }) => msg === 'stopping'));
    expect(await service.stop()).toMatchObject({ code: 1 });
  });
});

// As process 1 of a container, where nothing ends a process that does not listen for the signal, it would go on.
test.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('%s ends a process that is still starting, which tells it by %i', async (signal, code) => {
  const silent = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void silent.close());
  const connected = once(silent, 'connection');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const url = `postgres://laurel:the-password@127.0.0.1:${port}/laurel_test`;
  const starting = beginProcess({ ...testSecrets, DATABASE_URL: url });
  await Promise.race([connected, starting.ended]);
  starting.signal(signal);
  expect(await starting.ended).toEqual({ code, signal: null, stderr: '' });
});

test('SIGINT stops gracefully too', async () => {
  const service = await start();
  service.signal('SIGINT');
  expect(await service.ended).toMatchObject({ code: 0 });
});
