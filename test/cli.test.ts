import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { beforeAll, describe, expect, it } from 'vitest';

import { connectPostgres, type Database } from '../src/db/index.ts';
import { boardKeys } from '../src/leaderboards/ranking-index/keys.ts';
import { cleanUp } from './harness/cleanup.ts';
import { runCli } from './harness/cli.ts';
import { copyEmbeddedTemplate, createEmptyDatabase, createTestDatabase } from './harness/database.ts';
import { insertPlayers, signTestAction } from './harness/players.ts';
import { startProcess, type TestProcess } from './harness/process.ts';
import { createTestRedis } from './harness/redis.ts';
import { connectBy } from './harness/redis-clients.ts';
import { testSecrets } from './harness/test-config.ts';
import { until } from './harness/until.ts';

const { entries } = JSON.parse(readFileSync('drizzle/meta/_journal.json', 'utf8')) as {
  entries: readonly { readonly tag: string }[];
};
const everyMigration = entries.map(({ tag }) => tag);

function connect(url: string): Database {
  const db = connectPostgres({ url, poolSize: 2, caFile: undefined, onIdleError: () => {} });
  cleanUp(async () => await db.close());
  return db;
}

async function post(service: TestProcess, path: string, body: object, token?: string) {
  const response = await fetch(service.url + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('laurel', () => {
  it('explains itself', async () => {
    const { code, stdout, stderr } = await runCli(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('create-board');
  });

  it('refuses a command line that it cannot carry out', async () => {
    const { code, stdout, stderr } = await runCli(['sync', 'global', '--mode', 'repair']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe('laurel: --mode: must be verify or rebuild. laurel --help lists the commands.\n');
  });

  it('names every bad variable', async () => {
    const { code, stderr } = await runCli(['migrate'], { env: { PORT: 'x', DATABASE_URL: 'nowhere' } });
    expect(code).toBe(1);
    expect(stderr).toMatch(/PORT: .*\n.*DATABASE_URL: /);
  });

  it('says that the database does not answer, without a stack', async () => {
    const env = { DATABASE_URL: 'postgres://127.0.0.1:1/laurel_test' };
    const { code, stderr } = await runCli(['migrate'], { env });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'laurel: the database did not answer: connect ECONNREFUSED 127.0.0.1:1\n',
    });
  });
});

describe('laurel migrate', () => {
  it('says what it applied, changes nothing the second time, and is all that the service needs', async () => {
    const { url } = await createEmptyDatabase();
    const env = { DATABASE_URL: url };
    const behind = await runCli(['audit', '--all'], { env });
    expect(behind.code).toBe(1);
    expect(behind.stderr).toContain(`lacks ${everyMigration.join(', ')}: run "laurel migrate" first`);

    const first = await runCli(['migrate', '--json'], { env });
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(first.stdout)).toEqual({ applied: everyMigration });
    expect(await runCli(['migrate'], { env })).toEqual({
      code: 0,
      stdout: 'The schema is up to date.\n',
      stderr: '',
    });
    const service = await startProcess(env);
    expect((await fetch(`${service.url}/health/ready`)).status).toBe(200);
  });

  it('refuses a data directory that a running process holds', async () => {
    const dataDir = await copyEmbeddedTemplate();
    await startProcess({ DATA_DIR: dataDir });
    const { code, stderr } = await runCli(['migrate'], { env: { DATA_DIR: dataDir } });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^laurel: \S+ is in use by another Laurel process: .*\n$/);
  });
});

describe('laurel, beside a running service', () => {
  let service: TestProcess;
  let db: Database;
  let env: Record<string, string>;
  beforeAll(async () => {
    const { url } = await createTestDatabase();
    env = { DATABASE_URL: url, REDIS_URL: await createTestRedis() };
    db = connect(url);
    service = await startProcess(env);
  });

  const untilIndexed = async (board: string) =>
    await until(`${board} is read from Redis`, async () => {
      const { headers } = await fetch(`${service.url}/v1/leaderboards/${board}`);
      return headers.get('X-Leaderboard-Source') === 'redis';
    });

  it('makes a leaderboard and changes its title, and players score there', async () => {
    const made = await runCli(['create-board', 'weekly', '--title', 'This week'], { env });
    expect(made).toEqual({ code: 0, stdout: 'Made the leaderboard weekly.\n', stderr: '' });
    const changed = await runCli(['create-board', 'weekly', '--title', ' The week ', '--json'], { env });
    expect(JSON.parse(changed.stdout)).toMatchObject({
      leaderboard_id: 'weekly',
      title: 'The week',
      created: false,
    });
    const [player] = await insertPlayers(db, 1);
    const action_token = signTestAction(player?.userId ?? '', { leaderboardId: 'weekly' });
    const spent = await post(service, '/v1/scores', { action_token, score_delta: 7 }, player?.accessToken);
    expect(spent).toMatchObject({ status: 200, body: { leaderboard_id: 'weekly', total_score: 7 } });
  });

  it('makes keys that work, and stores their hashes alone', async () => {
    const made = await runCli(['create-key', 'match server', '--role', 'game_service', '--json'], { env });
    const { api_key: key, api_key_id: id } = JSON.parse(made.stdout) as Record<string, string>;
    expect(await post(service, '/v1/actions', {}, key)).toMatchObject({ status: 400 });
    const stored = { name: 'test_key', text: 'SELECT name, role, key_hash FROM api_keys WHERE id = $1' };
    expect(await db.run(stored, [id])).toEqual([
      {
        name: 'match server',
        role: 'game_service',
        key_hash: createHash('sha256')
          .update(key ?? '')
          .digest('hex'),
      },
    ]);
    const shown = await runCli(['create-key', 'operator', '--role', 'admin'], { env });
    const [, operator = ''] = shown.stdout.trim().split('\n');
    expect(await post(service, '/v1/admin/api-keys', {}, operator)).toMatchObject({ status: 400 });
  });

  it('makes a player an operator, whose password stays', async () => {
    const player = { username: 'Kim', password: 'a password of kim' };
    await post(service, '/v1/auth/register', player);
    const { code, stdout } = await runCli(['create-admin', 'kim', '--json'], { env });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      user_id: expect.any(String) as string,
      username: 'Kim',
      created: false,
    });
    const { body } = await post(service, '/v1/auth/login', player);
    expect(await post(service, '/v1/admin/api-keys', {}, String(body['access_token']))).toMatchObject({
      status: 400,
    });
  });

  it('makes no account for an operator when it shall be there', async () => {
    const refused = await runCli(['create-admin', 'zoe', '--existing'], { env });
    expect(refused).toEqual({ code: 1, stdout: '', stderr: 'laurel: there is no account zoe\n' });
    const player = { username: 'zoe', password: 'a password of zoe' };
    expect(await post(service, '/v1/auth/register', player)).toMatchObject({ status: 201 });
    const { code, stdout } = await runCli(['create-admin', 'zoe', '--existing'], { env });
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'zoe is an operator now, and has the password as before.\n',
    });
  });

  it('makes an account for an operator, with a password of either kind', async () => {
    const logIn = async (username: string, password: string) => {
      const { body } = await post(service, '/v1/auth/login', { username, password });
      return await post(service, '/v1/admin/api-keys', {}, String(body['access_token']));
    };
    const made = await runCli(['create-admin', 'ada', '--json'], { env });
    const { password } = JSON.parse(made.stdout) as { password: string };
    expect(await logIn('ada', password)).toMatchObject({ status: 400 });

    const chosen = 'a password that was chosen';
    const given = await runCli(['create-admin', 'bob', '--password-stdin'], { env, stdin: `${chosen}\n` });
    expect(given).toEqual({ code: 0, stdout: 'Made the operator bob.\n', stderr: '' });
    expect(await logIn('bob', chosen)).toMatchObject({ status: 400 });

    const short = await runCli(['create-admin', 'eve', '--password-stdin'], { env, stdin: 'short\n' });
    expect(short).toMatchObject({ code: 2, stdout: '' });
    expect(short.stderr).toContain('must have at least 8 characters');
    expect(short.stderr).not.toContain('short\n');
  });

  it('finds and mends what has drifted', async () => {
    const [player] = await insertPlayers(db, 1);
    const action_token = signTestAction(player?.userId ?? '');
    await untilIndexed('global');
    await post(service, '/v1/scores', { action_token, score_delta: 7 }, player?.accessToken);
    const calm = await runCli(['sync', 'global', '--json'], { env });
    expect(calm).toMatchObject({ code: 0 });
    expect(JSON.parse(calm.stdout)).toMatchObject({ mode: 'verify', drifted: 0, rebuilt: false });

    const redis = await connectBy('resp', env['REDIS_URL'] ?? '');
    await until('Redis is used', () => redis.health.usable);
    const key = boardKeys('global').board;
    const [member] = await redis.commands.zrange<string[]>(key, 0, 0);
    await redis.commands.zincrby(key, 1, String(member));
    const drifted = await runCli(['sync', 'global'], { env });
    expect(drifted.code).toBe(1);
    expect(drifted.stdout).toMatch(
      /^global: \d+ players compared, 1 that differed, 1 of them mended, .* built anew\.\n$/,
    );
    const rebuilt = await runCli(['sync', 'global', '--mode', 'rebuild', '--json'], { env });
    expect(JSON.parse(rebuilt.stdout)).toMatchObject({ mode: 'rebuild', drifted: 0, rebuilt: true });
  });

  it('needs Redis, and a leaderboard, for a sync', async () => {
    const without = await runCli(['sync', 'global'], { env: { DATABASE_URL: env['DATABASE_URL'] ?? '' } });
    expect(without).toMatchObject({ code: 1, stdout: '' });
    expect(without.stderr).toContain('set REDIS_URL');
    const nowhere = await runCli(['sync', 'nowhere'], { env });
    expect(nowhere).toMatchObject({ code: 1, stdout: '' });
    expect(nowhere.stderr).toContain('laurel: there is no leaderboard nowhere\n');
  });

  it('proves totals, and lists those that are not the sum of their events', async () => {
    expect(await runCli(['audit', '--all'], { env })).toMatchObject({ code: 0, stderr: '' });
    const [player] = await insertPlayers(db, 1);
    const insert = {
      name: 'test_unexplained',
      text: 'INSERT INTO scores (leaderboard_id, user_id, total_score, score_first_reached_at, version, updated_at) VALUES ($1, $2, 5, now(), 1, now())',
    };
    await db.run(insert, ['global', player?.userId]);
    const text = await runCli(['audit', 'global'], { env });
    expect(text.code).toBe(1);
    expect(text.stdout).toContain(`\n  ${player?.userId}: total 5, events 0\n`);
    const json = await runCli(['audit', '--all', '--json'], { env });
    expect(json.code).toBe(1);
    const { leaderboards } = JSON.parse(json.stdout) as { leaderboards: readonly object[] };
    expect(leaderboards).toContainEqual({
      leaderboard_id: 'global',
      players: expect.any(Number) as number,
      mismatched: [{ user_id: player?.userId, total_score: 5, events_total: 0 }],
    });
    expect(await runCli(['audit', 'nowhere'], { env })).toMatchObject({ code: 1 });
  });

  it('shows no secret but the one that it made', async () => {
    const secrets = { ...env, ...testSecrets };
    const runs = [
      await runCli(['audit', '--all'], { env: secrets }),
      await runCli(['create-board', 'monthly', '--title', 'Month'], { env: secrets }),
    ];
    const shown = runs.map(({ stdout, stderr }) => stdout + stderr).join('');
    for (const secret of Object.values(testSecrets)) expect(shown).not.toContain(secret);
  });
});
