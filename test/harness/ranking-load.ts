import { setTimeout as pace } from 'node:timers/promises';

import { nth } from './fleet.ts';
import { observe, type Observed } from './observed.ts';
import { type Acknowledged, flawsOfPage, flawsOfPosition } from './page-flaws.ts';
import type { PageBody, PositionBody, VerdictBody } from './play.ts';
import { type InsertedPlayer, signTestAction } from './players.ts';
import type { TestProcess } from './process.ts';

export interface RankingLoad {
  /** Every answer so far, in the order in which they came. */
  readonly observed: readonly Observed[];
  readonly verdicts: readonly VerdictBody[];
  /** What went wrong so far: no answer of success, or one that tells less than was acknowledged before. */
  readonly flaws: readonly string[];
  /** Resolves when every request has its answer. */
  stop(): Promise<void>;
}

const SPENDERS = 20;
const READERS = 20;
/** From one request of a client to its next: 200 a second from all of them, as long as none takes longer. */
const INTERVAL_MS = 200;
/** Of a spender's scores, one is the first of a player. */
const NEWCOMER_EVERY = 4;

/**
 * Steady clients that score, and that read the board and hold the answers to what was acknowledged before they asked.
 * Every spender has players of its own, so that what a player was told last is the player's highest total.
 */
export function startRankingLoad(
  { url }: Pick<TestProcess, 'url'>,
  players: readonly InsertedPlayer[],
): RankingLoad {
  const observed: Observed[] = [];
  const verdicts: VerdictBody[] = [];
  const flaws: string[] = [];
  const acknowledged = new Map<string, number>();
  const byId = new Map(players.map((player) => [player.userId, player]));
  const stopping = new AbortController();

  const send = async (what: string, path: string, init: RequestInit = {}) => {
    const answer = await observe(what, url + path, init);
    observed.push(answer);
    if (answer.outcome !== 'answered') flaws.push(`${what}: ${answer.flaw ?? answer.outcome}`);
    return answer.outcome === 'answered' ? answer.body : undefined;
  };
  const spend = async (player: InsertedPlayer, scoreDelta: number) => {
    const body = (await send('score', '/v1/scores', spending(player, scoreDelta))) as VerdictBody | undefined;
    if (body === undefined) return;
    verdicts.push(body);
    acknowledged.set(body.user_id, body.total_score);
  };
  const readPage = async (limit: number) => {
    const before: Acknowledged = new Map(acknowledged);
    const page = (await send('page', `/v1/leaderboards/global?limit=${limit}`)) as PageBody | undefined;
    if (page !== undefined) flaws.push(...flawsOfPage(page, limit, before));
  };
  /** Of the n-th who has scored. */
  const readPosition = async (n: number, who: 'me' | 'anybody') => {
    const before: Acknowledged = new Map(acknowledged);
    const player = byId.get([...before.keys()][n % before.size] ?? '');
    if (player === undefined) return;
    const path = `/v1/leaderboards/global/users/${who === 'me' ? 'me' : player.userId}?around=5`;
    const body = (await send(`position of ${who}`, path, asPlayer(player))) as PositionBody | undefined;
    if (body !== undefined) flaws.push(...flawsOfPosition(body, player.userId, before));
  };

  const every = async (client: number, act: (round: number) => Promise<void>) => {
    const startsAt = performance.now() + (INTERVAL_MS * client) / (SPENDERS + READERS);
    for (let round = 0; !stopping.signal.aborted; round += 1) {
      await pace(Math.max(0, startsAt + round * INTERVAL_MS - performance.now()));
      await act(round);
    }
  };
  const clients = [
    ...Array.from({ length: SPENDERS }, async (_, n) => {
      await every(2 * n, async (round) => await spend(nth(players, scorer(n, round)), delta(n, round)));
    }),
    ...Array.from({ length: READERS }, async (_, n) => {
      await every(2 * n + 1, async (round) => {
        if (n % 5 < 2) await readPage([10, 100, 7, 50][round % 4] ?? 10);
        else await readPosition(n + 7 * round, n % 2 === 0 ? 'me' : 'anybody');
      });
    }),
  ];
  return {
    observed,
    verdicts,
    flaws,
    stop: async () => {
      stopping.abort();
      await Promise.all(clients);
    },
  };
}

/** The place of the player who scores: somebody new now and then, otherwise one of those who came before. */
function scorer(spender: number, round: number): number {
  const met = Math.floor(round / NEWCOMER_EVERY);
  const which = round % NEWCOMER_EVERY === 0 ? met : (round * 7) % (met + 1);
  return spender + which * SPENDERS;
}

function delta(spender: number, round: number): number {
  return ((spender * 37 + round * 61) % 100) + 1;
}

function spending(player: InsertedPlayer, scoreDelta: number): RequestInit {
  return {
    method: 'POST',
    headers: { ...asPlayer(player).headers, 'Content-Type': 'application/json' },
    body: JSON.stringify({ action_token: signTestAction(player.userId), score_delta: scoreDelta }),
  };
}

function asPlayer({ accessToken }: InsertedPlayer) {
  return { headers: { Authorization: `Bearer ${accessToken}` } };
}
