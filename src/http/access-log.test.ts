import { Hono } from 'hono';
import { expect, it } from 'vitest';

import { collectLog } from '../../test/harness/redis-clients.ts';
import { accessLog } from './access-log.ts';
import type { Answered } from './count-answers.ts';
import type { AppEnv } from './factory.ts';
import { requestId } from './request-id.ts';

function createApp() {
  const { log, lines } = collectLog();
  const answers: Answered[] = [];
  const app = new Hono<AppEnv>();
  const onAnswered = (answered: Answered) => void answers.push(answered);
  app.use(requestId, accessLog({ log, trustedProxyHops: 1, onAnswered }));
  app.get('/players/:id', (c) => c.text('here'));
  app.onError((_, c) => c.text('failed', 500));
  app.get('/failing', (c) => {
    c.get('log').warn({ request_id: c.get('requestId') }, 'on the way');
    throw new Error('no');
  });
  return { app, lines, answers };
}

it('tells of a request all but what it said', async () => {
  const { app, lines, answers } = createApp();
  const headers = { 'X-Request-Id': 'the-id', 'X-Forwarded-For': '10.0.0.1, 192.0.2.7' };
  await app.request('/players/kim?secret=1', { headers });
  expect(lines).toEqual([
    {
      level: expect.anything(),
      time: expect.anything(),
      msg: 'request',
      request_id: 'the-id',
      method: 'GET',
      route: '/players/:id',
      status: 200,
      duration_ms: expect.any(Number),
      client: '192.0.2.7',
    },
  ]);
  expect(answers).toMatchObject([{ method: 'GET', route: '/players/:id', status: 200 }]);
  expect(lines[0]?.['duration_ms']).toBeCloseTo(answers[0]?.durationMs ?? Number.NaN, 3);
});

it('tells of a request that failed, and gives it the log', async () => {
  const { app, lines } = createApp();
  await app.request('/failing', { headers: { 'X-Request-Id': 'another-id' } });
  expect(lines).toMatchObject([
    { msg: 'on the way', request_id: 'another-id' },
    { msg: 'request', request_id: 'another-id', route: '/failing', status: 500 },
  ]);
});
