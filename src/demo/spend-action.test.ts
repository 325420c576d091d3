import { describe, expect, it } from 'vitest';

import { createBooks } from './books.ts';
import { createClient } from './client.ts';
import { createMeter } from './meter.ts';
import type { Player } from './player.ts';
import { spendAction } from './spend-action.ts';

const action = {
  action_id: 'a1',
  user_id: 'ann',
  max_score: 10,
  expires_at: '',
  action_token: 'first-token',
};
const verdict = { action_id: 'a1', score_delta: 5, total_score: 5 };
const connectionLost = new Error('ECONNRESET');

type Reply =
  Error | { readonly status: number; readonly body: object; readonly headers?: Record<string, string> };

const problem = (status: number, code: string, headers = {}) => ({
  status,
  body: { code, detail: '' },
  headers,
});

/** Spends `action` against a service that gives these replies in turn; when they are used up, the game is over. */
async function spendAgainst(replies: readonly Reply[]) {
  const requests: string[] = [];
  const giveUp = new AbortController();
  const left = [...replies];
  const fetch = async (url: string, { body }: RequestInit) => {
    requests.push(`${url} ${typeof body === 'string' ? body : ''}`);
    const reply = left.shift() ?? connectionLost;
    if (left.length === 0) giveUp.abort();
    if (reply instanceof Error) throw reply;
    const headers = { 'Content-Type': 'application/json', ...reply.headers };
    return new Response(JSON.stringify(reply.body), { status: reply.status, headers });
  };
  const books = createBooks();
  const result = await spendAction(
    {
      client: createClient({ url: '', meter: createMeter(Date.now), fetch }),
      books,
      board: 'global',
      gameServiceKey: 'key',
      players: [],
      stop: new AbortController().signal,
      giveUp: giveUp.signal,
    },
    signedIn(),
    action,
    5,
  );
  return { result, requests, account: books.account('ann'), objections: books.objections() };
}

function signedIn(): Player {
  return {
    userId: 'ann',
    credentials: { username: 'ann', password: 'secret' },
    cheats: false,
    skill: 1,
    phase: 0,
    session: { accessToken: 'access', refreshToken: 'refresh', renewAtMs: Infinity },
    busy: true,
  };
}

const scored = { status: 200, body: verdict };
const tokens = {
  status: 200,
  body: { user: {}, access_token: 'new-access', refresh_token: 'new', expires_in: 900 },
};

describe('spendAction', () => {
  it('writes down what was accepted', async () => {
    const { result, account } = await spendAgainst([scored]);
    expect(result).toEqual(verdict);
    expect(account).toEqual({ accepted: 5, unknown: [] });
  });

  it.each([
    ['a lost connection', connectionLost],
    ['503', problem(503, 'unavailable')],
    ['500', problem(500, 'internal_error')],
    ['429', problem(429, 'rate_limited')],
    ['a page of a proxy', { status: 200, body: {}, headers: { 'Content-Type': 'text/html' } }],
  ])('sends the same token and delta again after %s, and counts it once', async (_, reply) => {
    const { requests, account } = await spendAgainst([reply, reply, scored]);
    expect(requests).toHaveLength(3);
    expect(new Set(requests)).toEqual(new Set(['/v1/scores {"action_token":"first-token","score_delta":5}']));
    expect(account).toEqual({ accepted: 5, unknown: [] });
  });

  it('leaves an update unknown that is never answered', async () => {
    const { result, account } = await spendAgainst([connectionLost, problem(503, 'unavailable')]);
    expect(result).toBeUndefined();
    expect(account).toEqual({ accepted: 0, unknown: [5] });
  });

  it('objects when an honest update is refused', async () => {
    const { account, objections } = await spendAgainst([problem(403, 'action_token_invalid')]);
    expect(account).toEqual({ accepted: 0, unknown: [] });
    expect(objections).toHaveLength(1);
  });

  it('registers the action again when its token expired, and spends the fresh one', async () => {
    const { requests, account } = await spendAgainst([
      connectionLost,
      problem(410, 'action_token_expired'),
      { status: 201, body: { ...action, action_token: 'fresh-token' } },
      scored,
    ]);
    expect(requests[2]).toContain('/v1/actions {"user_id":"ann","max_score":10,"action_id":"a1"');
    expect(requests[3]).toContain('fresh-token');
    expect(account).toEqual({ accepted: 5, unknown: [] });
  });

  it('takes a spent action as accepted when its answer was lost and its token expired', async () => {
    const { account, objections } = await spendAgainst([
      connectionLost,
      problem(410, 'action_token_expired'),
      problem(409, 'action_already_consumed'),
    ]);
    expect(account).toEqual({ accepted: 5, unknown: [] });
    expect(objections).toEqual([]);
  });

  it('does not go on for ever with a service whose fresh tokens are expired', async () => {
    const round = [problem(410, 'action_token_expired'), { status: 201, body: action }];
    const { requests, objections } = await spendAgainst(Array.from({ length: 20 }, () => round).flat());
    expect(requests.length).toBeLessThan(10);
    expect(objections).toEqual([['an honest update was refused: action_token_expired', 1]]);
  });

  it('signs in again when the session has ended', async () => {
    const { requests, account } = await spendAgainst([problem(401, 'unauthenticated'), tokens, scored]);
    expect(requests[1]).toContain('/v1/auth/refresh');
    expect(account).toEqual({ accepted: 5, unknown: [] });
  });

  it('logs in when the refresh token was spent by a request whose answer was lost', async () => {
    const { requests, account } = await spendAgainst([
      problem(401, 'unauthenticated'),
      connectionLost,
      problem(401, 'refresh_token_reused'),
      tokens,
      scored,
    ]);
    expect(requests[3]).toContain('/v1/auth/login');
    expect(account).toEqual({ accepted: 5, unknown: [] });
  });
});
