import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

import { describe, expect, test } from 'vitest';

import { cleanUp } from '../../test/harness/cleanup.ts';
import { sendRequests } from './send-requests.ts';

const get = Buffer.from('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
const brief = { connections: 4, requestFile: '', warmUpMs: 0, measureMs: 300 };

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUp(() => void server.close());
  return (server.address() as AddressInfo).port;
}

describe('the load generator', () => {
  test('sends every request once unless told to repeat', async () => {
    const paths: (string | undefined)[] = [];
    const port = await serve((request, response) => {
      paths.push(request.url);
      response.end();
    });
    const requests = Array.from({ length: 50 }, (_, n) =>
      Buffer.from(`GET /${n} HTTP/1.1\r\nhost: a\r\n\r\n`),
    );
    const result = await sendRequests({ ...brief, port, repeat: false, measureMs: 60_000 }, requests);
    expect(new Set(paths)).toEqual(new Set(Array.from({ length: 50 }, (_, n) => `/${n}`)));
    expect(paths).toHaveLength(50);
    expect(result).toMatchObject({ answers: 50, statuses: { 200: 50 } });
  });

  test('has one request in flight on each connection', async () => {
    let inFlight = 0;
    let most = 0;
    const port = await serve((_, response) => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      setImmediate(() => {
        inFlight -= 1;
        response.end();
      });
    });
    await sendRequests({ ...brief, port, repeat: true }, [get]);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(4);
  });

  test('tells statuses apart', async () => {
    let count = 0;
    const port = await serve((_, response) => {
      count += 1;
      response.writeHead(count % 2 === 0 ? 200 : 503).end();
    });
    const { statuses } = await sendRequests({ ...brief, port, repeat: false, measureMs: 60_000 }, [
      get,
      get,
      get,
      get,
    ]);
    expect(statuses).toEqual({ 200: 2, 503: 2 });
  });

  test('at a rate, charges a stall to all who would have come meanwhile', async () => {
    const stallMs = 400;
    let stalled: Promise<unknown> | undefined;
    const port = await serve((_, response) => {
      stalled ??= new Promise((resolve) => setTimeout(resolve, stallMs));
      void stalled.then(() => response.end());
    });
    const plan = { ...brief, connections: 1, port, repeat: true, ratePerSecond: 500, measureMs: 600 };
    const { latencyMs } = await sendRequests(plan, [get]);
    // Two thirds were due during the stall. A generator that waits would see one slow request among hundreds.
    expect(latencyMs.p50).toBeGreaterThan(10);
  });
});
