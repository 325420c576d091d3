import { expect, test } from 'vitest';

import { cleanUp } from './harness/cleanup.ts';
import { nth, startFleet } from './harness/fleet.ts';
import { startRedisServer } from './harness/redis-server.ts';
import { until } from './harness/until.ts';

const LIMIT = 100;
const READS = 300;

const from = (address: string) => ({ 'X-Forwarded-For': address });

test('two processes admit together what one may, of reads that come at once', async () => {
  const server = await startRedisServer();
  cleanUp(async () => await server.remove());
  const { processes } = await startFleet(2, {
    REDIS_URL: server.url,
    RATE_LIMIT_ENABLED: 'true',
    RATE_LIMIT_READS_PER_MINUTE: String(LIMIT),
    TRUSTED_PROXY_HOPS: '1',
  });
  const read = async (n: number, address: string) =>
    await fetch(`${nth(processes, n).url}/v1/leaderboards/global`, { headers: from(address) });
  await until('both use Redis', () =>
    processes.every(({ logs }) => logs.some(({ msg }) => msg === 'Redis is used')),
  );
  // What was never run before takes longer than Redis is given.
  for (let n = 0; n < LIMIT / 2; n += 1) await read(n, '203.0.113.1');

  const answers = await Promise.all(
    Array.from({ length: READS }, async (_, n) => await read(n, '203.0.113.2')),
  );
  const refused = answers.filter(({ status }) => status === 429);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(LIMIT);
  expect(refused).toHaveLength(READS - LIMIT);
  for (const { headers } of refused) {
    const retryAfter = Number(headers.get('Retry-After'));
    expect(retryAfter).toBeGreaterThan(0);
    expect(retryAfter).toBeLessThanOrEqual(60);
  }
});
