import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { describe, expect, inject, it } from 'vitest';

import { connectPostgres, type Statement } from '../src/db/index.ts';
import { cleanUp } from './harness/cleanup.ts';
import { copyEmbeddedTemplate, createTestDatabase, makeTemporaryDirectory } from './harness/database.ts';
import { freePort } from './harness/free-port.ts';
import { startProcess } from './harness/process.ts';
import { testSecrets } from './harness/test-config.ts';
import { until } from './harness/until.ts';

const builtDemo = fileURLToPath(new URL('../dist/demo/main.js', import.meta.url));
const tsx = import.meta.resolve('tsx');
const observer = new URL('contract/observed-child.ts', import.meta.url).href;
const RIGHT = 'The board says exactly what was accepted.';
const TEST_TIMEOUT_MS = 60_000;

interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
}

/** Runs the demo as a user does, and checks every answer that it gets from the service. */
function launchDemo(args: string, env: Readonly<Record<string, string>> = {}): Run {
  return launch(['--import', tsx, '--import', observer, builtDemo, ...args.split(' ')], {
    TEST_RUN_DIRECTORY: inject('runDirectory'),
    ...env,
  });
}

/** In an empty directory and without a terminal. */
function launch(args: readonly string[], env: Readonly<Record<string, string>>): Run {
  const child = spawn(process.execPath, ['--enable-source-maps', ...args], {
    cwd: makeTemporaryDirectory(),
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  cleanUp(() => void child.kill());
  const ended = Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)]).then(
    ([, stdout, stderr]) => ({ code: child.exitCode, stdout, stderr }),
  );
  return { child, ended };
}

async function isAnswered(url: string): Promise<boolean> {
  return await fetch(url).then(
    () => true,
    () => false,
  );
}

const { url: databaseUrl } = await createTestDatabase();
const db = connectPostgres({ url: databaseUrl, poolSize: 2, caFile: undefined, onIdleError: () => {} });
cleanUp(async () => await db.close());

async function startService(env: Readonly<Record<string, string>> = {}) {
  return await startProcess({ DATABASE_URL: databaseUrl, RATE_LIMIT_ENABLED: 'false', ...env });
}

/** A name that no other test has; the demo makes the board. */
function newBoard(): string {
  return `board-${randomUUID()}`;
}

const scores: Statement = {
  name: 'test_demo_scores',
  text: 'SELECT user_id FROM scores WHERE leaderboard_id = $1',
};

/** Resolves when the game on a board has begun. */
async function untilSomebodyScored(board: string): Promise<void> {
  const scored = async () => (await db.run(scores, [board])).length > 0;
  await until('somebody scored', scored, { timeoutMs: 20_000 });
}

const tamper: Statement = {
  name: 'test_demo_tamper',
  text: `
    UPDATE scores SET total_score = total_score + 1000
    WHERE user_id = (SELECT user_id FROM scores WHERE leaderboard_id = $1 LIMIT 1)`,
};

describe('npm run demo', { timeout: TEST_TIMEOUT_MS }, () => {
  it('starts a service of its own, plays, agrees with the board, and stops the service', async () => {
    const port = await freePort();
    const env = { PORT: String(port), DATA_DIR: await copyEmbeddedTemplate() };
    const { code, stdout, stderr } = await launchDemo('--seconds 4 --players 5 --cheaters 0.5', env).ended;
    expect(stderr).toBe('');
    expect(stdout).toContain(`Starting Laurel at http://127.0.0.1:${port}`);
    expect(stdout).toContain(RIGHT);
    expect(stdout).toMatch(/refused {3}[1-9]/);
    expect(stdout).not.toContain('\u001B');
    expect(code).toBe(0);
    expect(await isAnswered(`http://127.0.0.1:${port}`)).toBe(false);
  });

  it('plays every way to cheat against a running service', async () => {
    const { url } = await startService({ ACTION_TOKEN_TTL_SECONDS: '1' });
    const args = `--url ${url} --seconds 8 --players 6 --rate 30 --cheaters 0.5 --board ${newBoard()}`;
    const { code, stdout } = await launchDemo(args, testSecrets).ended;
    expect(stdout).toContain(RIGHT);
    for (const reason of ['invalid', 'wrong_user', 'malformed', 'expired']) {
      expect(stdout).toMatch(new RegExp(`action_token_${reason} +[1-9]`));
    }
    expect(stdout).toMatch(/score_delta_exceeds_max +[1-9]/);
    expect(stdout).toMatch(/action_already_consumed +[1-9]/);
    expect(code).toBe(0);
  });

  it('ends with 1 when the board says something else than what was accepted', async () => {
    const board = newBoard();
    const { url } = await startService();
    const { ended } = launchDemo(`--board ${board} --url ${url} --seconds 4 --players 3`, testSecrets);
    await untilSomebodyScored(board);
    await db.run(tamper, [board]);
    const { code, stdout } = await ended;
    expect(stdout).toMatch(/accepted [\d,]+, the board says [\d,]+ \(\+1,000\)/);
    expect(code).toBe(1);
  });

  it('sends again what was not answered while the service was away, and the books stay exact', async () => {
    const board = newBoard();
    const env = { PORT: String(await freePort()) };
    const first = await startService(env);
    const { ended } = launchDemo(
      `--board ${board} --url ${first.url} --seconds 6 --players 10 --rate 100`,
      testSecrets,
    );
    await untilSomebodyScored(board);
    await first.kill();
    await startService(env);
    const { code, stdout } = await ended;
    expect(stdout).toMatch(/unanswered and sent again +[1-9]/);
    expect(stdout).toContain(RIGHT);
    expect(code).toBe(0);
  });

  it('says so and ends with 1 when the service does not come back', async () => {
    const board = newBoard();
    const service = await startService();
    const { ended, child } = launchDemo(
      `--board ${board} --url ${service.url} --seconds 0 --players 3`,
      testSecrets,
    );
    await untilSomebodyScored(board);
    await service.kill();
    child.kill('SIGINT');
    const { code, stdout } = await ended;
    expect(stdout).toContain('The board could not be read after the game');
    expect(code).toBe(1);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('stops on %s with a summary', async (signal) => {
    const board = newBoard();
    const { url } = await startService();
    const { child, ended } = launchDemo(`--board ${board} --url ${url} --seconds 0 --players 3`, testSecrets);
    await untilSomebodyScored(board);
    child.kill(signal);
    const { code, stdout } = await ended;
    expect(stdout).toContain(RIGHT);
    expect(code).toBe(0);
  });

  it('takes the Ctrl-C that npm passes on again as the same one', async () => {
    const board = newBoard();
    const { url } = await startService();
    const { child, ended } = launchDemo(`--board ${board} --url ${url} --seconds 0 --players 3`, testSecrets);
    await untilSomebodyScored(board);
    child.kill('SIGINT');
    child.kill('SIGINT');
    const { code, stdout } = await ended;
    expect(stdout).toContain(RIGHT);
    expect(code).toBe(0);
  });

  it('ends with 2 and names the flag and its limits when one is wrong', async () => {
    const { code, stderr } = await launchDemo('--players 501').ended;
    expect(stderr).toContain('--players must be a whole number from 1 to 500');
    expect(code).toBe(2);
  });

  it('says how to pass a key that is missing or wrong', async () => {
    const { url } = await startService();
    const missing = await launchDemo(`--url ${url}`).ended;
    expect(missing.stderr).toContain('GAME_SERVICE_API_KEY is not set');
    expect(missing.code).toBe(1);
    const wrong = await launchDemo(`--url ${url}`, { GAME_SERVICE_API_KEY: 'wrong' }).ended;
    expect(wrong.stderr).toContain('set GAME_SERVICE_API_KEY to one of its keys');
    expect(wrong.code).toBe(1);
  });

  it('does not play against something that is not a Laurel', async () => {
    const port = await freePort();
    const server = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi'));
    server.listen(port, '127.0.0.1');
    cleanUp(() => void server.close());
    const { code, stderr } = await launch([builtDemo, '--seconds', '1'], { PORT: String(port) }).ended;
    expect(stderr).toContain('is not a Laurel');
    expect(code).toBe(1);
  });
});
