import { beforeAll, describe, expect, it } from 'vitest';

import { registerPlayer, score } from '../../test/harness/play.ts';
import { startTestService, type TestService, untilIndexed } from '../../test/harness/service.ts';

interface ReportBody {
  readonly mode: string;
  readonly compared: number;
  readonly drifted: number;
  readonly rebuilt: boolean;
  readonly checked_at: string;
}

const paths = ['sync', 'drift'] as const;
const methodOf = { sync: 'POST', drift: 'GET' };

async function ask(
  service: TestService,
  path: (typeof paths)[number],
  {
    board = 'global',
    token = service.keys.operator,
    body,
  }: { board?: string; token?: string; body?: unknown } = {},
) {
  const options = { method: methodOf[path], token, body };
  return await service.request<ReportBody>(`/v1/admin/leaderboards/${board}/${path}`, options);
}

describe('the sync of a ranking index', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService({ mode: 'PostgreSQL and Redis' });
    await score(service, await registerPlayer(service), 10);
  });

  it('has no report before the first', async () => {
    expect(await ask(service, 'drift')).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  it('compares unless it is told to rebuild, and its report can be read afterwards', async () => {
    const verified = await ask(service, 'sync');
    expect(verified).toMatchObject({
      status: 200,
      body: {
        leaderboard_id: 'global',
        mode: 'verify',
        compared: 1,
        drifted: 0,
        repaired: 0,
        rebuilt: false,
      },
    });
    expect((await ask(service, 'drift')).body).toEqual(verified.body);
    const rebuilt = await ask(service, 'sync', { body: { mode: 'rebuild' } });
    expect(rebuilt).toMatchObject({
      status: 200,
      body: { mode: 'rebuild', compared: 1, drifted: 0, rebuilt: true },
    });
    expect((await ask(service, 'drift')).body).toEqual(rebuilt.body);
  });

  it('builds a board that is not there', async () => {
    await service.redis?.commands.flushdb();
    expect(await ask(service, 'sync')).toMatchObject({
      status: 200,
      body: { compared: 1, drifted: 0, rebuilt: true },
    });
    await untilIndexed(service, 'global');
  });

  it('takes an empty body that is said to be JSON for none', async () => {
    expect(await ask(service, 'sync', { body: '' })).toMatchObject({ status: 200, body: { mode: 'verify' } });
  });

  it('is one at a time', async () => {
    const answers = await Promise.all([1, 2, 3].map(async () => await ask(service, 'sync')));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 503, 503]);
    const refused = answers.find(({ status }) => status === 503);
    expect(refused?.headers.get('Retry-After')).toBe('1');
  });

  it.each([
    ['another mode', { mode: 'repair' }, 'mode'],
    ['another field', { modes: 'verify' }, 'body'],
  ])('refuses %s', async (_, body, path) => {
    const answer = await ask(service, 'sync', { body });
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request', errors: [{ path }] } });
  });

  it.each(paths)('is for operators: %s', async (path) => {
    const { accessToken } = await registerPlayer(service);
    expect(await ask(service, path, { token: accessToken })).toMatchObject({ status: 403 });
    expect(await ask(service, path, { token: service.keys.gameService })).toMatchObject({ status: 403 });
    expect(await ask(service, path, { token: 'nobody' })).toMatchObject({ status: 401 });
  });

  it.each(paths)('needs a leaderboard: %s', async (path) => {
    const answer = await ask(service, path, { board: 'nowhere' });
    expect(answer).toMatchObject({ status: 404, body: { code: 'leaderboard_not_found' } });
  });
});

describe('without Redis', () => {
  it.each(paths)('there is nothing to %s', async (path) => {
    const answer = await ask(await startTestService(), path);
    expect(answer).toMatchObject({ status: 503, body: { code: 'redis_disabled' } });
    expect(answer.headers.get('Retry-After')).toBeNull();
  });
});
