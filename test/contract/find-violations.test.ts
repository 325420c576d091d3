import { describe, expect, inject, it } from 'vitest';

import { startTestService } from '../harness/service.ts';
import { readDocument } from './document.ts';
import { type Exchange, findViolations } from './find-violations.ts';
import { toObservedFetch } from './observed-fetch.ts';
import { createContract } from './observer.ts';

const contract = createContract(readDocument(inject('runDirectory')));

const page = {
  leaderboard_id: 'global',
  total_players: 1,
  entries: [
    {
      rank: 1,
      user_id: '0192f0c4-7d3a-7c31-9f00-1a2b3c4d5e6f',
      username: 'kim',
      total_score: 10,
      score_first_reached_at: '2026-01-01T00:00:00.000000Z',
    },
  ],
};
const problem = {
  type: '/docs/errors#not_found',
  title: 'Not found',
  status: 404,
  code: 'not_found',
  detail: 'there is nothing',
  request_id: 'a',
};
const limited = { ...problem, status: 429, code: 'rate_limited' };
const unavailable = { ...problem, status: 503, code: 'unavailable' };
const common = { 'X-Request-Id': 'a' };
const json = { ...common, 'Content-Type': 'application/json' };
const problemJson = { ...common, 'Content-Type': 'application/problem+json; charset=utf-8' };
const quota = {
  'RateLimit-Limit': '3',
  'RateLimit-Remaining': '0',
  'RateLimit-Reset': '20',
  'RateLimit-Policy': '3;w=60',
};
const pageHeaders = { ...json, ETag: '"1"', 'X-Leaderboard-Source': 'postgres' };

interface Sample {
  readonly url?: string;
  readonly method?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** A page of the global leaderboard, with changes. */
function violationsOf({ body = page, headers = pageHeaders, ...sample }: Sample): string[] {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const exchange: Exchange = {
    url: '/v1/leaderboards/global?limit=1',
    method: 'GET',
    status: 200,
    ...sample,
    headers: new Headers(headers),
    body: text,
  };
  return findViolations(contract, exchange);
}

function omit(headers: Readonly<Record<string, string>>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name));
}

describe('an answer', () => {
  it.each<[string, Sample]>([
    ['a page', {}],
    ['a page that a HEAD asked for', { method: 'HEAD', body: '' }],
    ['a page at an encoded path', { url: '/v1/leaderboards/%67lobal' }],
    ['a 304 without a body', { status: 304, headers: { ...common, ETag: '"1"' }, body: '' }],
    [
      'a refusal with a code of the operation',
      { status: 404, headers: problemJson, body: { ...problem, code: 'leaderboard_not_found' } },
    ],
    [
      'a refusal that says when to come again and what is left',
      { status: 429, headers: { ...problemJson, ...quota, 'Retry-After': '20' }, body: limited },
    ],
    [
      'an outage that says when to come again',
      { status: 503, headers: { ...problemJson, 'Retry-After': '1' }, body: unavailable },
    ],
    [
      'a process that is not ready',
      {
        url: '/health/ready',
        status: 503,
        headers: json,
        body: { status: 'not_ready', checks: { postgres: 'failed' } },
      },
    ],
    [
      'a problem where no operation is',
      { url: '/nowhere', status: 404, headers: problemJson, body: problem },
    ],
    ['a preflight', { method: 'OPTIONS', url: '/v1/scores', status: 204, headers: {}, body: '' }],
  ])('conforms that is %s', (_name, sample) => {
    expect(violationsOf(sample)).toEqual([]);
  });

  it.each<[string, Sample, RegExp]>([
    ['a status that is not documented', { status: 202 }, /getLeaderboardPage has no status 202/],
    ['a page where no operation is', { url: '/v1/nowhere' }, /no operation/],
    ['a field that is not documented', { body: { ...page, secret: 1 } }, /additional properties.*secret/],
    [
      'such a field further down',
      { body: { ...page, entries: [{ ...page.entries[0], email: 'a' }] } },
      /entries\/0 .*email/,
    ],
    ['a field of another type', { body: { ...page, total_players: '1' } }, /total_players must be integer/],
    ['a missing field', { body: { leaderboard_id: 'global', entries: [] } }, /total_players/],
    ['a body that is not JSON', { body: 'busy' }, /not JSON/],
    ['another content type', { headers: { ...pageHeaders, 'Content-Type': 'text/plain' } }, /text\/plain/],
    [
      'no content type',
      { headers: { ...common, ETag: '"1"', 'X-Leaderboard-Source': 'redis' } },
      /undefined/,
    ],
    ['a missing header', { headers: { ...json, ETag: '"1"' } }, /X-Leaderboard-Source is missing/],
    [
      'a header out of its values',
      { headers: { ...pageHeaders, 'X-Leaderboard-Source': 'disk' } },
      /allowed/,
    ],
    [
      'a 429 without Retry-After',
      { status: 429, headers: { ...problemJson, ...quota }, body: limited },
      /Retry-After is missing/,
    ],
    ...Object.keys(quota).map((name): [string, Sample, RegExp] => [
      `a 429 without ${name}`,
      {
        status: 429,
        headers: omit({ ...problemJson, ...quota, 'Retry-After': '20' }, name),
        body: limited,
      },
      new RegExp(`${name} is missing`),
    ]),
    [
      'a 503 without Retry-After',
      { status: 503, headers: problemJson, body: unavailable },
      /Retry-After is missing/,
    ],
    ['a body where none is documented', { status: 304, headers: { ...common, ETag: '"1"' } }, /no body/],
    [
      'a code that the operation does not have',
      { status: 404, headers: problemJson, body: problem },
      /code must be equal to one of the allowed values/,
    ],
    [
      'a problem of another status',
      { status: 404, headers: problemJson, body: { ...problem, code: 'leaderboard_not_found', status: 400 } },
      /status must be equal to constant/,
    ],
    [
      'a problem with more than the document has',
      { url: '/nowhere', status: 404, headers: problemJson, body: { ...problem, stack: 'at …' } },
      /stack/,
    ],
  ])('does not conform with %s', (_name, sample, expected) => {
    expect(violationsOf(sample).join('\n')).toMatch(expected);
  });
});

describe('an observed fetch', () => {
  const answer = async () => new Response('{"a":1}', { headers: json });

  it('hands over an answer that can still be read', async () => {
    const seen: Exchange[] = [];
    const fetch = toObservedFetch(
      answer,
      () => true,
      (exchange) => void seen.push(exchange),
    );
    const response = await fetch('http://127.0.0.1/a', { method: 'put' });
    expect(await response.json()).toEqual({ a: 1 });
    expect(seen).toMatchObject([{ method: 'PUT', url: 'http://127.0.0.1/a', status: 200, body: '{"a":1}' }]);
  });

  it('does not wait for the end of a stream', async () => {
    const seen: Exchange[] = [];
    const endless = async () =>
      new Response(new ReadableStream(), { headers: { 'Content-Type': 'text/event-stream' } });
    await toObservedFetch(
      endless,
      () => true,
      (exchange) => void seen.push(exchange),
    )('http://127.0.0.1/a');
    expect(seen).toMatchObject([{ body: undefined }]);
  });

  it('looks at no other service', async () => {
    const fetch = toObservedFetch(
      answer,
      ({ port }) => port === '1',
      () => {
        throw new Error('seen');
      },
    );
    expect((await fetch('http://127.0.0.1:2/a')).status).toBe(200);
    await expect(fetch('http://127.0.0.1:1/a')).rejects.toThrow('seen');
  });
});

describe('the document', () => {
  it('is the one that a listening service publishes', async () => {
    const service = await startTestService({ listening: true });
    expect(await (await fetch(`${service.url}/openapi.json`)).json()).toEqual(contract.document);
  });

  it('has a sound schema for every answer', () => {
    for (const { path, method, operation } of contract.operations) {
      for (const [status, { content = {} }] of Object.entries(operation.responses)) {
        for (const type of Object.keys(content)) {
          const pointer = ['paths', path, method, 'responses', status, 'content', type, 'schema'];
          expect(() => contract.findSchemaErrors(pointer, null)).not.toThrow();
        }
      }
    }
  });
});
