import { randomInt } from 'node:crypto';
import { setTimeout as pace } from 'node:timers/promises';

import { nth } from './fleet.ts';
import { observe, type Observed } from './observed.ts';
import type { VerdictBody } from './play.ts';
import { type InsertedPlayer, signTestAction } from './players.ts';
import type { TestProcess } from './process.ts';
import { testSecrets } from './test-config.ts';

export interface Load {
  /** Every answer so far, in the order in which they came. */
  readonly observed: readonly Observed[];
  /** The verdicts that were acknowledged. */
  readonly verdicts: readonly VerdictBody[];
  /** Resolves when no client waits any more, and each that holds a token has its verdict. */
  stop(): Promise<void>;
}

const SPENDERS = 24;
const VISITORS = 6;
/** Between two requests of a client: the load is steady, and a retry comes sooner than Retry-After asks for. */
const PACE_MS = 20;

/** Clients that spend a token each, again and again until it has its verdict, and others that look around. */
export function startLoad(process: Pick<TestProcess, 'url'>, players: readonly InsertedPlayer[]): Load {
  const observed: Observed[] = [];
  const verdicts: VerdictBody[] = [];
  const stopping = new AbortController();

  const send = async (what: string, path: string, init: RequestInit) => {
    const answer = await observe(what, process.url + path, init);
    observed.push(answer);
    await pace(PACE_MS);
    return answer;
  };

  /** Returns without a verdict only after an answer that breaks the contract. */
  const spend = async (player: InsertedPlayer) => {
    const init = spending(player);
    for (;;) {
      const { outcome, body } = await send('score', '/v1/scores', init);
      if (outcome === 'answered') verdicts.push(body as VerdictBody);
      if (outcome !== 'unavailable') return;
    }
  };

  const clients = [
    ...Array.from({ length: SPENDERS }, async (_, n) => {
      for (let round = 0; !stopping.signal.aborted; round += 1)
        await spend(nth(players, n + round * SPENDERS));
    }),
    ...Array.from({ length: VISITORS }, async (_, n) => {
      for (let round = n; !stopping.signal.aborted; round += 1) {
        const { what, path, init } = visit(nth(players, randomInt(players.length)), round);
        await send(what, path, init);
      }
    }),
  ];
  return {
    observed,
    verdicts,
    stop: async () => {
      stopping.abort();
      await Promise.all(clients);
    },
  };
}

/** The same token and delta each time it is sent. */
function spending({ userId, accessToken }: InsertedPlayer): RequestInit {
  const body = { action_token: signTestAction(userId), score_delta: randomInt(1, 100) };
  return post(accessToken, body);
}

interface Visit {
  readonly what: string;
  readonly path: string;
  readonly init: RequestInit;
}

/** One of the other routes that need the database, in turn. */
function visit({ userId, accessToken }: InsertedPlayer, round: number): Visit {
  const asPlayer = { headers: { Authorization: `Bearer ${accessToken}` } };
  const visits: readonly Visit[] = [
    { what: 'page', path: `/v1/leaderboards/global?limit=${randomInt(1, 100)}`, init: {} },
    { what: 'boards', path: '/v1/leaderboards', init: {} },
    { what: 'profile', path: '/v1/users/me', init: asPlayer },
    { what: 'events', path: '/v1/users/me/score-events', init: asPlayer },
    {
      what: 'action',
      path: '/v1/actions',
      init: post(testSecrets.GAME_SERVICE_API_KEY, { user_id: userId, max_score: 100 }),
    },
  ];
  return nth(visits, round);
}

function post(credential: string, body: unknown): RequestInit {
  return {
    method: 'POST',
    headers: { Authorization: `Bearer ${credential}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  };
}
