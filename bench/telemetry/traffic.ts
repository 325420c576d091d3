import { type InsertedPlayer, signTestAction } from '../../test/harness/players.ts';

const CLIENTS = 16;

/** Scores, pages and positions in turn, as fast as they are answered. Returns how many were, in how many milliseconds. */
export async function driveTraffic(
  url: string,
  players: readonly InsertedPlayer[],
  forMs: number,
): Promise<{ answered: number; ms: number }> {
  const startedAt = performance.now();
  let answered = 0;
  const client = async (first: number) => {
    for (let n = first; performance.now() - startedAt < forMs; n += CLIENTS) {
      const player = players[n % players.length];
      if (player === undefined) throw new Error('there are no players');
      const response = await fetch(...toRequest(url, player, n));
      await response.text();
      // A position before the first score.
      if (!response.ok && response.status !== 404)
        throw new Error(`${response.url} answered ${response.status}`);
      answered += 1;
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, async (_, n) => await client(n)));
  return { answered, ms: performance.now() - startedAt };
}

function toRequest(url: string, { userId, accessToken }: InsertedPlayer, n: number): [string, RequestInit?] {
  const kind = Math.floor(n / CLIENTS) % 3;
  if (kind === 0) return [`${url}/v1/leaderboards/global`];
  if (kind === 1) return [`${url}/v1/leaderboards/global/users/${userId}`];
  const body = JSON.stringify({ action_token: signTestAction(userId), score_delta: 1 });
  const headers = { Authorization: `Bearer ${accessToken}`, 'Content-Type': 'application/json' };
  return [`${url}/v1/scores`, { method: 'POST', headers, body }];
}
