import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { type PostgresServer, startPostgresServer } from '../harness/postgres-server.ts';
import { type RedisServer, startRedisServer } from '../harness/redis-server.ts';
import { beginRequest, isRefused } from '../harness/request-in-flight.ts';
import { testSecrets } from '../harness/test-config.ts';
import { until } from '../harness/until.ts';
import { killContainers, startContainer, untilReady } from './container.ts';
import { mountedImage } from './image.ts';

const image = mountedImage();
const app = join(image.root, 'app');

/** What Laurel adds to the image of Node. */
const MAX_APP_MEGABYTES = 50;

interface Manifest {
  readonly bin?: Record<string, string>;
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
}
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;

let postgres: PostgresServer;
let redis: RedisServer;
let stores: Record<string, string>;

beforeAll(async () => {
  [postgres, redis] = await Promise.all([startPostgresServer(), startRedisServer()]);
  stores = { ...testSecrets, DATABASE_URL: postgres.url('postgres'), REDIS_URL: redis.url };
});

afterAll(async () => {
  killContainers();
  await Promise.all([postgres.remove(), redis.remove()]);
});

function filesOf(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' });
}

/** Of the first process, by the kernel's account. */
function statusOf(pid: number, field: string): string {
  const line = new RegExp(`^${field}:\\s*(.*)$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return line?.[1] ?? '';
}

function tell(what: string): void {
  process.stdout.write(`${what}\n`);
}

/** A directory as a fresh volume is: it belongs to the user of the image. */
function createVolume(): string {
  const directory = mkdtempSync(join(tmpdir(), 'laurel-volume-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const [user = 0, group = 0] = image.user.split(':').map(Number);
  chownSync(directory, user, group);
  return directory;
}

async function call(url: string, body: unknown, token?: string): Promise<{ status: number; body: unknown }> {
  const headers = {
    'Content-Type': 'application/json',
    ...(token !== undefined && { Authorization: `Bearer ${token}` }),
  };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}

/** A player registers, the game registers an action, the player spends it. */
async function scoreOnce(url: string, username: string): Promise<unknown> {
  const player = (await call(`${url}/v1/auth/register`, { username, password: 'a long password' })).body as {
    access_token: string;
    user: { user_id: string };
  };
  const action = (
    await call(
      `${url}/v1/actions`,
      { user_id: player.user.user_id, max_score: 100 },
      testSecrets.GAME_SERVICE_API_KEY,
    )
  ).body as { action_token: string };
  const spending = { action_token: action.action_token, score_delta: 80 };
  return (await call(`${url}/v1/scores`, spending, player.access_token)).body;
}

describe('the image', () => {
  test('is small', () => {
    const [kilobytes = ''] = execFileSync('du', ['-sk', app], { encoding: 'utf8' }).split('\t');
    tell(`Laurel's part: ${(Number(kilobytes) / 1024).toFixed(1)} MB`);
    expect(Number(kilobytes) / 1024).toBeLessThan(MAX_APP_MEGABYTES);
  });

  test('has the packages of production and none of development', () => {
    const has = (name: string) => existsSync(join(app, 'node_modules', name));
    expect(Object.keys(manifest.dependencies).filter((name) => !has(name))).toEqual([]);
    expect(Object.keys(manifest.devDependencies).filter(has)).toEqual([]);
  });

  test('has no source, test, history, key or setting of the machine that built it', () => {
    const unwanted = /^(\.env.*|\.git|\.npmrc|secrets\.env|.*\.key|src|test|.*\.test\.js)$/;
    const own = filesOf(app).filter((name) => !name.startsWith('node_modules/'));
    expect(own.filter((name) => unwanted.test(basename(name)))).toEqual([]);
    for (const file of ['root/.npmrc', 'usr/local/etc/npmrc', 'etc/npmrc']) {
      expect(statSync(join(image.root, file), { throwIfNoEntry: false })?.size ?? 0, file).toBe(0);
    }
  });

  test('says what it is, how it is stopped, and names no secret', () => {
    expect(image.stopSignal).toBe('SIGTERM');
    expect(image.labels).toMatchObject({
      'org.opencontainers.image.title': 'Laurel',
      'org.opencontainers.image.revision': expect.stringMatching(/^[0-9a-f]{40}$/),
    });
    const names = image.env.map((variable) => variable.split('=')[0]);
    expect(names).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/SECRET|KEY|URL|TOKEN|PASSWORD/)]),
    );
  });

  test('runs the commands of package.json by their names', async () => {
    const names = Object.keys(manifest.bin ?? {});
    const linked = readdirSync(join(image.root, 'usr/local/bin')).filter(
      (name) => !/^(node|np[mx])/.test(name),
    );
    expect(linked.filter((name) => !/^(corepack|docker-entrypoint\.sh|yarn.*)$/.test(name))).toEqual(names);
    for (const name of names) {
      const { ended } = await startContainer(image, { command: [name, '--help'] });
      expect(await ended).toMatchObject({ code: 0 });
    }
  });
});

describe('a container', () => {
  test('on PostgreSQL and Redis is ready, serves, and is neither root nor able to write', async () => {
    const container = await startContainer(image, { env: stores });
    tell(`ready on an empty database after ${Math.round(await untilReady(container))} ms`);
    expect((await fetch(container.url)).status).toBe(200);
    expect(await scoreOnce(container.url, 'kim')).toMatchObject({ total_score: 80 });
    await until('Redis is read', async () => {
      const { headers } = await fetch(`${container.url}/v1/leaderboards/global`);
      return headers.get('X-Leaderboard-Source') === 'redis';
    });

    expect(statusOf(container.pid(), 'Uid').split('\t')).toEqual(['1000', '1000', '1000', '1000']);
    expect(statusOf(container.pid(), 'CapEff')).toMatch(/^0+$/);
    const root = /^\S+ \/ \S+ (\S+)/m.exec(readFileSync(`/proc/${container.pid()}/mounts`, 'utf8'));
    expect(root?.[1]?.split(',')).toContain('ro');
    container.signal('SIGTERM');
    expect(await container.ended).toMatchObject({ code: 0, stderr: '' });
  });

  test('starts on a database that is migrated', async () => {
    const container = await startContainer(image, { env: stores });
    tell(`ready on a migrated database after ${Math.round(await untilReady(container))} ms`);
    container.signal('SIGTERM');
    expect(await container.ended).toMatchObject({ code: 0 });
  });

  test('lets a request in flight finish after its stop signal, and ends with 0', async () => {
    const container = await startContainer(image, { env: stores });
    await untilReady(container);
    const request = await beginRequest(container.url);
    container.signal('SIGTERM');
    await until('new connections are refused', async () => await isRefused(container.url));
    request.finish();
    expect(await container.ended).toMatchObject({ code: 0, stderr: '' });
    expect(request.received()).toContain('HTTP/1.1 401');
  });

  test('whose database is nowhere says so in one line, without the password, and ends with 1', async () => {
    const url = 'postgres://laurel:the-password@127.0.0.1:1/laurel';
    const { ended } = await startContainer(image, { env: { ...testSecrets, DATABASE_URL: url } });
    expect(await ended).toMatchObject({
      code: 1,
      stderr: 'The database laurel on 127.0.0.1:1 cannot be used: connect ECONNREFUSED 127.0.0.1:1\n',
    });
  });

  test('without secrets names every one that is missing, and ends with 1', async () => {
    const { ended } = await startContainer(image);
    const { code, stderr } = await ended;
    expect(code).toBe(1);
    expect(stderr.match(/^ {2}\w+: must be set in production$/gm)).toHaveLength(4);
  });

  test('without DATABASE_URL keeps its data in the volume at /data', async () => {
    const options = { env: testSecrets, dataDirectory: createVolume() };
    const first = await startContainer(image, options);
    tell(`ready on a new embedded database after ${Math.round(await untilReady(first))} ms`);
    expect(await scoreOnce(first.url, 'lee')).toMatchObject({ total_score: 80 });
    first.signal('SIGTERM');
    expect(await first.ended).toMatchObject({ code: 0 });

    const second = await startContainer(image, options);
    await untilReady(second);
    const page = await (await fetch(`${second.url}/v1/leaderboards/global`)).json();
    expect(page).toMatchObject({ entries: [{ username: 'lee', total_score: 80 }] });
    second.signal('SIGTERM');
    expect(await second.ended).toMatchObject({ code: 0 });
  });

  test('without DATABASE_URL and without a volume does not begin to lose data', async () => {
    const { ended } = await startContainer(image, { env: testSecrets });
    expect(await ended).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("EROFS: read-only file system, open '/data/lock'"),
    });
  });
});
