import { beforeAll, describe, expect, it } from 'vitest';

import { modes } from './harness/modes.ts';
import { createLeaderboard, type PageBody, registerPlayer, score, type TestPlayer } from './harness/play.ts';
import { sourceOf, startTestService, type TestService } from './harness/service.ts';
import { openStream, type TestStream } from './harness/streams.ts';

describe.each(modes)('a stream with %s', (mode) => {
  let service: TestService;
  let board: string;
  let players: TestPlayer[];

  beforeAll(async () => {
    service = await startTestService({ mode, listening: true });
    board = await createLeaderboard(service);
    players = await Promise.all([1, 2, 3].map(async () => await registerPlayer(service)));
  });

  const watch = async (leaderboardId: string, query = ''): Promise<TestStream> =>
    await openStream(`${service.url}/v1/leaderboards/${leaderboardId}/stream${query}`);
  const spend = async (place: number, delta: number, leaderboardId = board) =>
    await score(service, players[place] as TestPlayer, delta, { leaderboardId });

  it('begins with the whole visible page, as the page endpoint has it', async () => {
    await spend(0, 10);
    const stream = await watch(board);
    expect(stream.status).toBe(200);
    const first = await stream.untilPage('it has a page', () => true);
    const { body, headers } = await service.request<PageBody>(`/v1/leaderboards/${board}`);
    const { version, ...page } = first;
    expect(page).toEqual(body);
    expect(headers.get('X-Leaderboard-Source')).toBe(sourceOf(service));
    expect(stream.text()).toMatch(/^retry: 3000\n\nid: \d+\nevent: leaderboard\ndata: \{.*\}\n\n/);
    expect(stream.events()[1]?.id).toBe(String(version));
  });

  it('shows each change, with rising versions', async () => {
    const stream = await watch(board);
    for (const total of [20, 40, 60]) {
      await spend(1, 20);
      await stream.untilPage(`it shows ${total}`, ({ entries }) =>
        entries.some((entry) => entry.user_id === players[1]?.userId && entry.total_score === total),
      );
    }
    const versions = stream.pages().map(({ version }) => version);
    expect(versions).toEqual([...new Set(versions)].toSorted((one, other) => one - other));
  });
});
