import { once } from 'node:events';
import { connect } from 'node:net';

import { describe, expect, it, onTestFinished } from 'vitest';

import { createLeaderboard, registerPlayer, score } from './harness/play.ts';
import { startTestService, type TestService } from './harness/service.ts';
import { openStream, type TestStream } from './harness/streams.ts';
import { until } from './harness/until.ts';

const ORIGIN = 'https://game.example';
const service = await startTestService({
  listening: true,
  env: { CORS_ORIGINS: `${ORIGIN},https://other.example`, RATE_LIMIT_ENABLED: 'true' },
});
const streamOf = ({ url }: Pick<TestService, 'url'>, query = '') =>
  `${url}/v1/leaderboards/global/stream${query}`;

/** Sends a request as it is written here, and collects what comes. */
async function sendRaw(text: string): Promise<() => string> {
  const { hostname, port } = new URL(service.url);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  let received = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (received += chunk));
  await once(socket, 'connect');
  socket.write(text);
  return () => received;
}

describe('the answer of a stream', () => {
  it('has every header that the answer of a page has', async () => {
    const headers = { Origin: ORIGIN, 'X-Request-Id': 'trace-of-a-stream' };
    const page = await fetch(`${service.url}/v1/leaderboards/global`, { headers });
    const stream = await openStream(streamOf(service), headers);
    const ownOfPages = /^(connection|content-length|date|etag|keep-alive|x-leaderboard-source)$/;
    const names = [...page.headers.keys()].filter((name) => !ownOfPages.test(name));
    expect(names).toEqual(expect.arrayContaining(['access-control-allow-origin', 'ratelimit-limit']));
    const varying = /^(cache-control|content-type|ratelimit-remaining|ratelimit-reset)$/;
    for (const name of names) expect(stream.headers, name).toHaveProperty(name);
    for (const name of names.filter((name) => !varying.test(name)))
      expect(stream.headers[name], name).toBe(page.headers.get(name));
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    expect(stream.headers).not.toHaveProperty('x-hono-already-sent');
  });

  it('is a whole page whatever Last-Event-ID says', async () => {
    for (const id of ['0', '99999999999999', 'a: b', '-1']) {
      const stream = await openStream(streamOf(service), { 'Last-Event-ID': id });
      const page = await stream.untilPage('it has a page', () => true);
      expect(page.leaderboard_id).toBe('global');
    }
  });

  it('to HEAD has no body', async () => {
    const response = await fetch(streamOf(service), { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(response.headers.get('Content-Type')).toBe('text/event-stream');
    expect(await response.text()).toBe('');
  });

  it('to HTTP/1.0 is a stream too', async () => {
    const received = await sendRaw('GET /v1/leaderboards/global/stream HTTP/1.0\r\nHost: laurel\r\n\r\n');
    await until('there is an event', () => received().includes('event: leaderboard'));
    expect(received()).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(received().toLowerCase()).not.toContain('transfer-encoding');
  });

  it('without a connection of its own is the first event', async () => {
    const { status, text, headers } = await service.request('/v1/leaderboards/global/stream');
    expect(status).toBe(200);
    expect(headers.get('Content-Type')).toBe('text/event-stream');
    expect(text).toMatch(/^retry: 3000\n\nid: \d+\nevent: leaderboard\ndata: .*\n\n$/);
  });

  it('that was asked for behind another stream does not mix with it', async () => {
    const request = 'GET /v1/leaderboards/global/stream HTTP/1.1\r\nHost: laurel\r\n\r\n';
    const received = await sendRaw(request + request);
    await until('there is an event', () => received().includes('event: leaderboard'));
    const player = await registerPlayer(service);
    await score(service, player, 5);
    await until('there is another', () => received().split('event: leaderboard').length > 2);
    expect(received().match(/HTTP\/1\.1 200/g)).toHaveLength(1);
  });

  it.each([
    ['/v1/leaderboards/nowhere/stream', 404, 'leaderboard_not_found'],
    ['/v1/leaderboards/-/stream', 400, 'invalid_request'],
    ['/v1/leaderboards/global/stream?limit=0', 400, 'invalid_request'],
    ['/v1/leaderboards/global/stream?limit=101', 400, 'invalid_request'],
  ])('of %s is a problem', async (path, status, code) => {
    expect(await service.request(path)).toMatchObject({ status, body: { code } });
  });
});

describe('a change that nobody scored', () => {
  it('is shown: a deletion, and an adjustment', async () => {
    const board = await createLeaderboard(service);
    const players = await Promise.all([1, 2].map(async () => await registerPlayer(service)));
    for (const player of players) await score(service, player, 50, { leaderboardId: board });
    const stream = await openStream(`${service.url}/v1/leaderboards/${board}/stream`);
    await stream.untilPage('both are shown', ({ entries }) => entries.length === 2);
    const [first, second] = players;
    const adjusted = await service.request(`/v1/admin/users/${first?.userId}/adjustments`, {
      token: service.keys.operator,
      body: { leaderboard_id: board, score_delta: -30, reason: 'a test' },
    });
    expect(adjusted.status).toBe(200);
    await stream.untilPage('the adjusted one is last', ({ entries }) => entries[1]?.total_score === 20);
    await service.request('/v1/users/me', { method: 'DELETE', token: second?.accessToken ?? '' });
    await stream.untilPage('the deleted one is gone', ({ entries }) => entries.length === 1);
  });

  it('is not sent when only the number of players differs', async () => {
    const board = await createLeaderboard(service);
    const players = await Promise.all([1, 2, 3].map(async () => await registerPlayer(service)));
    const [first, second, third] = players as [(typeof players)[0], (typeof players)[0], (typeof players)[0]];
    await score(service, first, 50, { leaderboardId: board });
    const stream = await openStream(`${service.url}/v1/leaderboards/${board}/stream?limit=1`);
    await stream.untilPage('it has a page', () => true);
    await score(service, second, 10, { leaderboardId: board });
    await score(service, third, 60, { leaderboardId: board });
    await stream.untilPage('the best is shown', ({ entries }) => entries[0]?.total_score === 60);
    expect(stream.pages().map(({ total_players }) => total_players)).toEqual([1, 3]);
  });
});

describe('a process that stops', () => {
  const untilClosing = async (stream: TestStream) => {
    await stream.ended;
    const last = stream.events().at(-1);
    const retryMs = Number(last?.retry);
    expect(last).toMatchObject({ event: 'closing', data: JSON.stringify({ retry_ms: retryMs }) });
    expect(retryMs).toBeGreaterThanOrEqual(1000);
    expect(retryMs).toBeLessThanOrEqual(5000);
  };

  it('ends those that are open with an event, and tells who comes the same at once', async () => {
    const stopping = await startTestService({ db: service.db, listening: true });
    const open = await openStream(streamOf(stopping));
    await open.untilPage('it has a page', () => true);
    await stopping.live.stop(0);
    await untilClosing(open);
    const late = await openStream(streamOf(stopping));
    await untilClosing(late);
    expect(late).toMatchObject({ status: 200, headers: { connection: 'close' } });
    expect(late.headers['content-type']).toBe('text/event-stream');
    expect(late.text()).toMatch(/^retry: 3000\n\nevent: closing\n/);
    expect(stopping.live.connections).toBe(0);
  });
});

describe('a stream too many', () => {
  const refusal = { status: 503, body: { code: 'stream_capacity_reached' } };

  it('of one address is refused until one of the others ends', async () => {
    const env = { RATE_LIMIT_ENABLED: 'true', SSE_MAX_CONNECTIONS_PER_ADDRESS: '2', TRUSTED_PROXY_HOPS: '1' };
    const bounded = await startTestService({ db: service.db, listening: true, env });
    const from = (address: string) => ({ 'X-Forwarded-For': address });
    const streams = [
      await openStream(streamOf(bounded), from('192.0.2.1')),
      await openStream(streamOf(bounded), from('192.0.2.1')),
    ];
    const ask = async (address: string) =>
      await bounded.request('/v1/leaderboards/global/stream', { headers: from(address) });
    const refused = await ask('192.0.2.1');
    expect(refused).toMatchObject(refusal);
    expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0);
    expect(await ask('192.0.2.2')).toMatchObject({ status: 200 });
    streams[0]?.close();
    await until('there is room', async () => (await ask('192.0.2.1')).status === 200);
  });

  it('of the process is refused whatever its address, also without rate limits', async () => {
    const env = { SSE_MAX_CONNECTIONS: '1', SSE_MAX_CONNECTIONS_PER_ADDRESS: '1' };
    const bounded = await startTestService({ db: service.db, listening: true, env });
    await openStream(streamOf(bounded));
    expect(await openStream(streamOf(bounded))).toMatchObject({ status: 503 });
    expect(await bounded.request('/v1/leaderboards/global/stream')).toMatchObject(refusal);
  });
});
