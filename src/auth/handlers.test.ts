import { expect, it } from 'vitest';

import { registerPlayer, uniqueUsername } from '../../test/harness/play.ts';
import { startTestService } from '../../test/harness/service.ts';

it('forbids every cache to keep an answer that has tokens in it (RFC 6749, 5.1)', async () => {
  const service = await startTestService();
  const { username, password, refreshToken } = await registerPlayer(service);
  const answers = await Promise.all([
    service.request('/v1/auth/register', { body: { username: uniqueUsername(), password } }),
    service.request('/v1/auth/login', { body: { username, password } }),
    service.request('/v1/auth/refresh', { body: { refresh_token: refreshToken } }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([201, 200, 200]);
  expect(answers.map(({ headers }) => headers.get('Cache-Control'))).toEqual(Array(3).fill('no-store'));
});

it('stores what a client calls itself, whatever the bytes', async () => {
  const service = await startTestService();
  const userAgent = `caf\u00e9 \u0080\u00ff '); DROP TABLE users; -- %00 ${'x'.repeat(300)}`;
  const body = { username: uniqueUsername(), password: 'correct horse' };
  const { status } = await service.request('/v1/auth/register', {
    body,
    headers: { 'User-Agent': userAgent },
  });
  expect(status).toBe(201);
  const stored = await service.db.run({ name: 'test_agents', text: 'SELECT user_agent FROM sessions' }, []);
  expect(stored).toEqual([{ user_agent: userAgent.slice(0, 256) }]);
});
