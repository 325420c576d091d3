import { beforeAll, describe, expect, it } from 'vitest';

import { modes } from './harness/modes.ts';
import { submitScore, type VerdictBody } from './harness/play.ts';
import { type InsertedPlayer, insertPlayers, signTestAction } from './harness/players.ts';
import { startTestService, type TestService } from './harness/service.ts';

interface EventsBody {
  readonly events: readonly { readonly event_id: number; readonly total_after: number }[];
  readonly next_cursor: string | null;
}

describe.each(modes)('score events with %s', (mode) => {
  let service: TestService;
  let player: InsertedPlayer;
  let verdicts: VerdictBody[];

  beforeAll(async () => {
    service = await startTestService({ mode });
    const [first, second] = await insertPlayers(service.db, 2);
    if (first === undefined || second === undefined) throw new Error('no players');
    player = first;
    verdicts = [];
    for (let n = 1; n <= 7; n += 1) {
      verdicts.push((await submitScore(service, first, signTestAction(first.userId), n)).body);
      await submitScore(service, second, signTestAction(second.userId), 1);
    }
  });

  const list = async (query = '', token: string | undefined = player.accessToken) =>
    await service.request<EventsBody>(`/v1/users/me/score-events${query}`, { token });

  it("are the caller's own, newest first", async () => {
    const { status, body } = await list();
    expect(status).toBe(200);
    expect(body.next_cursor).toBeNull();
    expect(body.events.map(({ total_after }) => total_after)).toEqual([28, 21, 15, 10, 6, 3, 1]);
    expect(body.events[0]).toEqual({
      event_id: expect.any(Number) as number,
      leaderboard_id: 'global',
      action_id: verdicts[6]?.action_id,
      kind: 'action',
      score_delta: 7,
      applied_delta: 7,
      total_after: 28,
      reason: null,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/) as string,
    });
  });

  it.each([1, 2, 3, 7, 100])('come in pages of %i without a gap or a repetition', async (limit) => {
    const whole = (await list()).body.events;
    const seen: unknown[] = [];
    let query = `?limit=${limit}`;
    for (;;) {
      const { body } = await list(query);
      expect(body.events.length).toBeLessThanOrEqual(limit);
      seen.push(...body.events);
      if (body.next_cursor === null) break;
      query = `?limit=${limit}&cursor=${body.next_cursor}`;
    }
    expect(seen).toEqual(whole);
  });

  it.each(['?limit=0', '?limit=101', '?cursor=0', '?cursor=x', '?cursor=', '?cursor=9999999999999999'])(
    'are refused with %s, naming the field',
    async (query) => {
      const field = query.slice(1, query.indexOf('='));
      const answer = await list(query);
      expect(answer).toMatchObject({
        status: 400,
        body: { code: 'invalid_request', errors: [{ path: field }] },
      });
    },
  );

  it('are for players only', async () => {
    expect(await service.request('/v1/users/me/score-events')).toMatchObject({ status: 401 });
    expect(await list('', service.keys.operator)).toMatchObject({ status: 403 });
  });
});
