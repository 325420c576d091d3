import type { Page } from 'playwright-core';

import { connectPostgres, type Database } from '../../src/db/index.ts';
import { cleanUp } from '../harness/cleanup.ts';
import { createTestDatabase } from '../harness/database.ts';
import { type InsertedPlayer, insertPlayers, signTestAction } from '../harness/players.ts';
import { startProcess, type TestProcess } from '../harness/process.ts';
import { testSecrets } from '../harness/test-config.ts';
import { until } from '../harness/until.ts';

/** The built service on a database of its own. */
export interface BuiltService {
  readonly process: TestProcess;
  readonly db: Database;
  readonly databaseUrl: string;
}

export async function startBuiltService(): Promise<BuiltService> {
  const { url: databaseUrl } = await createTestDatabase();
  const process = await startProcess({ DATABASE_URL: databaseUrl });
  const db = connectPostgres({ url: databaseUrl, poolSize: 2, caFile: undefined, onIdleError: () => {} });
  cleanUp(async () => await db.close());
  return { process, db, databaseUrl };
}

export interface BoardPlayer extends InsertedPlayer {
  readonly username: string;
}

let boards = 0;

/** A new leaderboard with a player for each score, in that order. */
export async function playBoard(
  { process, db }: BuiltService,
  scores: readonly number[],
): Promise<{ leaderboardId: string; players: BoardPlayer[] }> {
  boards += 1;
  const leaderboardId = `board-${boards}`;
  await send(process.url, 'PUT', `/v1/admin/leaderboards/${leaderboardId}`, testSecrets.ADMIN_API_KEY, {
    title: `Board ${boards}`,
  });
  const inserted = await insertPlayers(db, scores.length);
  const players = inserted.map((player) => ({ ...player, username: `p-${player.userId}` }));
  for (const [index, player] of players.entries()) {
    await raise(process.url, player, scores[index] ?? 0, leaderboardId);
  }
  return { leaderboardId, players };
}

/** Spends an action of the player. */
export async function raise(
  url: string,
  { userId, accessToken }: InsertedPlayer,
  scoreDelta: number,
  leaderboardId: string,
): Promise<void> {
  await send(url, 'POST', '/v1/scores', accessToken, {
    action_token: signTestAction(userId, { maxScore: scoreDelta, leaderboardId }),
    score_delta: scoreDelta,
  });
}

export async function deletePlayer(url: string, { userId }: InsertedPlayer): Promise<void> {
  await send(url, 'DELETE', `/v1/admin/users/${userId}`, testSecrets.ADMIN_API_KEY);
}

async function send(url: string, method: string, path: string, token: string, body?: unknown): Promise<void> {
  const response = await fetch(url + path, {
    method,
    headers: {
      Authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!response.ok)
    throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
}

export async function rename(db: Database, userId: string, username: string): Promise<void> {
  await db.run({ name: 'test_rename', text: 'UPDATE users SET username = $2 WHERE id = $1' }, [
    userId,
    username,
  ]);
}

/** A browser on a busy machine takes its time. */
const LONG = { timeoutMs: 45_000 };

/** What a reader sees of the rows: rank, name and score of each. */
export async function rowsOf(page: Page): Promise<(string | null)[][]> {
  return await page
    .locator('#entries tr')
    .evaluateAll((rows) =>
      rows.map((row) =>
        ['.place', 'bdi', '.total'].map((part) => row.querySelector(part)?.textContent ?? null),
      ),
    );
}

export async function untilRows(
  page: Page,
  label: string,
  rows: readonly (readonly string[])[],
): Promise<void> {
  await until(label, async () => JSON.stringify(await rowsOf(page)) === JSON.stringify(rows), LONG);
}

/** Resolves when the page says that it is live, or whatever else it is to say. */
export async function untilState(page: Page, label = 'Live'): Promise<void> {
  await until(
    `the page says ${label}`,
    async () => {
      const connection = page.locator('#connection');
      return (await connection.isVisible()) && (await connection.textContent())?.trim() === label;
    },
    LONG,
  );
}
