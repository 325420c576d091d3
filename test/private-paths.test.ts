import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';

import { expect, it } from 'vitest';

import { startTestService } from './harness/service.ts';

const service = await startTestService({ listening: true });

/** Sends the path as it is, where fetch would normalize it. */
async function statusOf(path: string): Promise<number | undefined> {
  const sent = request({ ...target(), path });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

function target() {
  const { hostname, port } = new URL(service.url);
  return { hostname, port };
}

// What a load balancer hides by its spelling must have no other.
it.each(['/metrics', '/metrics?name=x', '/health/ready'])('%s is answered', async (path) => {
  expect(await statusOf(path)).toBe(200);
});

it.each([
  '/%6detrics',
  '/./metrics',
  '/v1/../metrics',
  '/v1/%2e%2e/metrics',
  '/%6Detrics?name=x',
  'http://localhost/metrics',
  '/health/%72eady',
  '/health/./ready',
  '/health/live/../ready',
  '//metrics',
  '/metrics/',
])('%s is not found', async (path) => {
  expect(await statusOf(path)).toBe(404);
});
