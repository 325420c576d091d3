import { setTimeout as pace } from 'node:timers/promises';

import { expect, it } from 'vitest';

import { connectPostgres } from '../../src/db/index.ts';
import { cleanUp } from '../harness/cleanup.ts';
import { createTestDatabase } from '../harness/database.ts';
import { nth, spend } from '../harness/fleet.ts';
import { type InsertedPlayer, insertPlayers, signTestAction } from '../harness/players.ts';
import { startProcess } from '../harness/process.ts';
import { createTestRedis } from '../harness/redis.ts';
import { testSecrets } from '../harness/test-config.ts';

/** `LAUREL_DRIFT_SECONDS=300` makes the run of record, and tells its figures. */
const record = process.env['LAUREL_DRIFT_SECONDS'];
const SECONDS = Number(record ?? 5);
const PER_SECOND = record === undefined ? 100 : 500;
const PLAYERS = 300;
const TICK_MS = 20;

interface ReportBody {
  readonly compared: number;
  readonly drifted: number;
  readonly rebuilt: boolean;
  readonly checked_at: string;
}

it(
  'finds no drift where there is none, while scores change and players come and go',
  { timeout: 600_000 },
  async () => {
    const { url } = await createTestDatabase();
    const db = connectPostgres({ url, poolSize: 2, caFile: undefined, onIdleError: () => {} });
    cleanUp(async () => await db.close());
    const service = await startProcess({
      DATABASE_URL: url,
      REDIS_URL: await createTestRedis(),
      DRIFT_CHECK_INTERVAL_SECONDS: '1',
    });
    const players = await insertPlayers(db, PLAYERS);
    const reports = new Map<string, ReportBody>();
    const failures: string[] = [];
    const endsAt = performance.now() + SECONDS * 1000;

    const scoreOnce = async (player: InsertedPlayer) => {
      const { status } = await spend(service, player, signTestAction(player.userId), 1);
      if (status !== 200) failures.push(`a score was answered ${status}`);
    };
    const play = async () => {
      const perTick = (PER_SECOND * TICK_MS) / 1000;
      const sent: Promise<void>[] = [];
      const startedAt = performance.now();
      for (let n = 0; performance.now() < endsAt;) {
        const due = Math.floor(((performance.now() - startedAt) / TICK_MS) * perTick);
        for (; n < due; n += 1) sent.push(scoreOnce(nth(players, n * 7)));
        await pace(TICK_MS);
      }
      await Promise.all(sent);
      return sent.length;
    };
    const comeAndGo = async () => {
      while (performance.now() < endsAt) {
        const [player] = await insertPlayers(db, 1);
        if (player === undefined) throw new Error('no player');
        await scoreOnce(player);
        const headers = { Authorization: `Bearer ${testSecrets.ADMIN_API_KEY}` };
        const { status } = await fetch(`${service.url}/v1/admin/users/${player.userId}`, {
          method: 'DELETE',
          headers,
        });
        if (status !== 204) failures.push(`a deletion was answered ${status}`);
        await pace(TICK_MS);
      }
    };
    const watch = async () => {
      const headers = { Authorization: `Bearer ${testSecrets.ADMIN_API_KEY}` };
      while (performance.now() < endsAt) {
        const answer = await fetch(`${service.url}/v1/admin/leaderboards/global/drift`, { headers });
        const report = (await answer.json()) as ReportBody;
        if (answer.status === 200) reports.set(report.checked_at, report);
        await pace(10 * TICK_MS);
      }
    };
    const [updates] = await Promise.all([play(), comeAndGo(), watch()]);

    const drifted = [...reports.values()].filter((report) => report.drifted > 0);
    if (record !== undefined) {
      const perSecond = Math.round(updates / SECONDS);
      process.stdout.write(
        `${updates} updates, ${perSecond}/s; ${reports.size} reports, ${drifted.length} with drift\n`,
      );
    }
    expect(failures).toEqual([]);
    expect(drifted).toEqual([]);
    await service.untilLogged();
    expect(service.logs.filter(({ msg }) => msg === 'the ranking index has drifted')).toEqual([]);
    expect(reports.size).toBeGreaterThan(1);
  },
);
