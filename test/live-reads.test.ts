import { pino } from 'pino';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import { createBoardChanges, type Leaderboards } from '../src/leaderboards/index.ts';
import { boardKeys } from '../src/leaderboards/ranking-index/keys.ts';
import { joinBus } from '../src/live/bus/bus.ts';
import { Live, type LiveOptions, type Watch } from '../src/live/live.ts';
import { createLeaderboard, registerPlayer, score, type TestPlayer } from './harness/play.ts';
import { startTestService, type TestService } from './harness/service.ts';
import { until } from './harness/until.ts';

const log = pino({ level: 'silent' });
/** Longer than any test: whatever is shown was told of. */
const NEVER = { rereadMs: 600_000 };
/** Re-reads come every 2 s, on a timer of half a second. */
const REREAD_MS = 2500;
const SLACK_MS = 1500;

type Read = Pick<TestService, 'leaderboards' | 'changes' | 'config'>;

/** Streams beside the service's own, on its boards. */
function createOwnLive({ leaderboards, changes, config }: Read, options: Partial<LiveOptions> = {}): Live {
  const live = new Live({ leaderboards, changes, config, log, options });
  onTestFinished(async () => await live.stop(0));
  return live;
}

async function watch(live: Live, board: string, limit: number): Promise<Watch> {
  const held = await live.watch({ leaderboardId: board, limit, address: 'test' });
  onTestFinished(held.release);
  return held;
}

/** The totals that a watch shows, best first. */
function totalsOf({ channel }: Watch): number[] {
  return [
    ...channel
      .snapshot()
      .toString()
      .matchAll(/"total_score":(\d+)/g),
  ].map(([, total]) => Number(total));
}

async function shows(watched: Watch, ...totals: number[]): Promise<void> {
  await until(`it shows ${totals.join(', ')}`, () => String(totalsOf(watched)) === String(totals));
}

/** The same boards, and how often a page of them was asked for. */
function countPages(leaderboards: Leaderboards) {
  let pages = 0;
  const { reads, rankings } = leaderboards;
  const count = () => (pages += 1);
  const counted: Leaderboards = {
    ...leaderboards,
    reads: Object.assign(Object.create(reads) as typeof reads, {
      read: async (...call: Parameters<typeof reads.read>) => {
        count();
        return await reads.read(...call);
      },
    }),
    rankings: rankings && {
      ...rankings,
      findPage: async (...call) => {
        count();
        return await rankings.findPage(...call);
      },
    },
  };
  return { counted, pages: () => pages };
}

describe.each(['PostgreSQL', 'PostgreSQL and Redis'] as const)('of a service with %s, a stream', (mode) => {
  let service: TestService;
  let board: string;
  let players: TestPlayer[];
  beforeAll(async () => {
    service = await startTestService({ mode });
    board = await createLeaderboard(service);
    players = await Promise.all([1, 2, 3].map(async () => await registerPlayer(service)));
    for (const [place, total] of [100, 90, 10].entries()) await spend(place, total);
  });
  const spend = async (place: number, delta: number) =>
    await score(service, players[place] as TestPlayer, delta, { leaderboardId: board });

  it('costs no read for scores far below what it shows, nor for those who rise on it', async () => {
    const { counted, pages } = countPages(service.leaderboards);
    const watched = await watch(createOwnLive({ ...service, leaderboards: counted }, NEVER), board, 2);
    await shows(watched, 100, 90);
    const before = pages();
    for (let n = 0; n < 10; n += 1) await spend(2, 1);
    expect(pages()).toBe(before);
    await spend(1, 5);
    await shows(watched, 100, 95);
    expect(pages()).toBe(before);
    await spend(2, 77);
    await shows(watched, 100, 97);
    // One for who was not on it before, and none that had waited.
    expect(pages() - before).toBe(1);
  });

  it('shows within the next re-read what a lost message told of', async () => {
    let lost = 0;
    const bus = await joinBus(async () => ({ send: async () => void (lost += 1), close: async () => {} }), {
      changes: service.changes,
      live: service.live,
      log,
    });
    onTestFinished(async () => await bus.close());
    const elsewhere = createOwnLive({ ...service, changes: createBoardChanges() });
    const watched = await watch(elsewhere, board, 2);
    const { total_score: total } = await spend(0, 50);
    const answeredAt = performance.now();
    await until('the message is lost', () => lost > 0);
    await until('it is shown', () => totalsOf(watched)[0] === total);
    expect(performance.now() - answeredAt).toBeLessThan(REREAD_MS + SLACK_MS);
  });
});

describe('a stream on an index that was wrong', () => {
  it.each(['verify', 'rebuild'])('shows at once what a sync with mode %s made right', async (mode) => {
    const service = await startTestService({ mode: 'PostgreSQL and Redis' });
    const board = await createLeaderboard(service);
    const players = await Promise.all([1, 2].map(async () => await registerPlayer(service)));
    for (const player of players) await score(service, player, 50, { leaderboardId: board });
    const commands = service.redis?.commands;
    const key = boardKeys(board).board;
    const [member] = (await commands?.zrange<string[]>(key, 0, 0)) ?? [];
    await commands?.zincrby(key, 7, String(member));
    const watched = await watch(createOwnLive(service, NEVER), board, 10);
    expect(totalsOf(watched)).toEqual([57, 50]);

    const path = `/v1/admin/leaderboards/${board}/sync`;
    const synced = await service.request(path, { token: service.keys.operator, body: { mode } });
    expect(synced).toMatchObject({ status: 200, body: { rebuilt: true } });
    await shows(watched, 50, 50);
  });
});
