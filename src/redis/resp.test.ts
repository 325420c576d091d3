import { expect, test } from 'vitest';

import { createRespTransport } from './resp.ts';

test('the pauses between attempts grow to half a second at the most', () => {
  const transport = createRespTransport({ url: 'redis://127.0.0.1:1' });
  const pauses = Array.from({ length: 200 }, (_, failures) => transport.retryMs(failures));
  expect(Math.max(...pauses)).toBeLessThanOrEqual(500);
  expect(Math.min(...pauses.slice(10))).toBeGreaterThanOrEqual(250);
  expect(pauses[0]).toBeLessThanOrEqual(50);
});
