import { describe, expect, it } from 'vitest';

import { createBoardWatch } from './board-watch.ts';
import { createClient, type Entry } from './client.ts';
import { createMeter } from './meter.ts';

/** A board that the test writes, behind the client that the game uses. */
function watchOf({ rows = 3, players = [] as string[] } = {}) {
  const state = { names: [] as string[], now: 0, leader: undefined as string | undefined, retryAfter: '' };
  const reads: string[] = [];
  const fetch = async (url: string) => {
    reads.push(url);
    const { pathname, searchParams } = new URL(url, 'http://laurel');
    if (state.retryAfter) {
      const headers = { 'Content-Type': 'application/json', 'Retry-After': state.retryAfter };
      return new Response('{"code":"rate_limited"}', { status: 429, headers });
    }
    const entries = state.names.map(toEntry);
    const place = state.names.indexOf(pathname.split('/').at(-1) ?? '');
    const around = Number(searchParams.get('around'));
    return Response.json({
      total_players: entries.length,
      entries: entries.slice(0, Number(searchParams.get('limit'))),
      entry: entries[place],
      around: entries.slice(Math.max(0, place - around), place + around + 1),
    });
  };
  const watch = createBoardWatch({
    client: createClient({ url: '', meter: createMeter(Date.now), fetch }),
    board: 'global',
    rows,
    isPlayer: (id) => players.includes(id),
    leader: () => state.leader,
    now: () => state.now,
  });
  const names = async () => (await watch())?.rows.map(({ username }) => username);
  return { state, reads, watch, names };
}

function toEntry(name: string, index: number): Entry {
  const score = 100 - index;
  return {
    rank: index + 1,
    user_id: name,
    username: name,
    total_score: score,
    score_first_reached_at: '',
  };
}

describe('createBoardWatch', () => {
  it('shows the top of the board', async () => {
    const { state, names } = watchOf({ players: ['ann'] });
    state.names = ['ann', 'bob', 'cid', 'dan'];
    expect(await names()).toEqual(['ann', 'bob', 'cid']);
  });

  it('shows the part around its own leader on a board that others lead', async () => {
    const { state, names } = watchOf({ players: ['eve', 'fay'] });
    state.names = ['ann', 'bob', 'cid', 'dan', 'eve', 'fay', 'gus', 'hal'];
    state.leader = 'eve';
    expect(await names()).toEqual(['cid', 'dan', 'eve']);
  });

  it('tells how many places a player won in the last seconds', async () => {
    const { state, watch } = watchOf({ players: ['ann'] });
    const climbs = async () => (await watch())?.rows.map(({ climbed }) => climbed);
    state.names = ['ann', 'bob', 'cid'];
    expect(await climbs()).toEqual([0, 0, 0]);
    state.names = ['cid', 'ann', 'bob'];
    state.now = 1000;
    expect(await climbs()).toEqual([2, -1, -1]);
    state.now = 7000;
    expect(await climbs()).toEqual([0, 0, 0]);
  });

  it('keeps the last picture, and stays away, while the service limits reads', async () => {
    const { state, reads, names } = watchOf({ players: ['ann'] });
    state.names = ['ann'];
    await names();
    state.retryAfter = '2';
    expect(await names()).toEqual(['ann']);
    state.now = 1999;
    await names();
    expect(reads).toHaveLength(2);
    state.retryAfter = '';
    state.names = ['bob'];
    state.now = 2000;
    expect(await names()).toEqual(['bob']);
  });
});
