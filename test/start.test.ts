import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';

import { describe, expect, onTestFinished, test } from 'vitest';

import { copyEmbeddedTemplate, createEmptyDatabase, makeTemporaryDirectory } from './harness/database.ts';
import { runProcess, startProcess } from './harness/process.ts';
import { testSecrets } from './harness/test-config.ts';

async function post(url: string, body: unknown): Promise<number> {
  const headers = { 'Content-Type': 'application/json' };
  return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).status;
}

describe('a start', () => {
  test('on an empty database migrates it and serves', async () => {
    const { url } = await createEmptyDatabase();
    const service = await startProcess({ DATABASE_URL: url });
    expect((await fetch(`${service.url}/health/ready`)).status).toBe(200);
    expect((await fetch(`${service.url}/v1/leaderboards/global`)).status).toBe(200);
    expect(service.logs).toContainEqual(expect.objectContaining({ msg: 'listening', store: 'postgres' }));
  });

  test('of several processes together on an empty database succeeds for all', async () => {
    const { url } = await createEmptyDatabase();
    const services = await Promise.all([1, 2, 3].map(async () => await startProcess({ DATABASE_URL: url })));
    for (const service of services) expect((await fetch(`${service.url}/health/ready`)).status).toBe(200);
  });

  test('without a database keeps its data and its secrets in DATA_DIR', async () => {
    const env = { DATA_DIR: await copyEmbeddedTemplate(), JWT_SECRET: '', GAME_SERVICE_API_KEY: '' };
    const player = { username: 'kim', password: 'a password of kim' };
    const first = await startProcess(env);
    expect(await post(`${first.url}/v1/auth/register`, player)).toBe(201);
    expect(await first.stop()).toMatchObject({ code: 0 });

    const second = await startProcess(env);
    expect(await post(`${second.url}/v1/auth/login`, player)).toBe(200);
    await second.kill();

    const third = await startProcess(env);
    expect(await post(`${third.url}/v1/auth/login`, player)).toBe(200);
    expect(JSON.stringify(third.logs)).toContain(join(env.DATA_DIR, 'secrets.env'));
  });
});

describe('a start is refused', () => {
  test('with every bad variable, and no value or stack', async () => {
    const { code, stderr } = await runProcess({
      NODE_ENV: 'production',
      PORT: 'http',
      JWT_SECRET: 'too short',
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^The configuration is not usable:\n {2}PORT: .*\n {2}JWT_SECRET: /);
    expect(stderr).not.toMatch(/ {4}at |http\b|too short/);
  });

  test('when another process has the data directory', async () => {
    const env = { ...testSecrets, DATA_DIR: await copyEmbeddedTemplate() };
    const holder = await startProcess(env);
    const { code, stderr } = await runProcess(env);
    expect(code).toBe(1);
    expect(stderr).toBe(
      `${env.DATA_DIR} is in use by another Laurel process: stop that one, choose another DATA_DIR, ` +
        'or set DATABASE_URL to share one PostgreSQL\n',
    );
    expect((await fetch(`${holder.url}/health/ready`)).status).toBe(200);
  });

  test('when nobody listens where the database should be, without its password', async () => {
    const url = 'postgres://laurel:the-password@127.0.0.1:1/laurel_test';
    const { code, stderr } = await runProcess({ ...testSecrets, DATABASE_URL: url });
    expect(code).toBe(1);
    expect(stderr).toBe(
      'The database laurel_test on 127.0.0.1:1 cannot be used: connect ECONNREFUSED 127.0.0.1:1\n',
    );
  });

  test('when what listens there does not answer', async () => {
    const silent = createServer().listen(0);
    onTestFinished(() => void silent.close());
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const url = `postgres://laurel:the-password@127.0.0.1:${port}/laurel_test`;
    const { code, stderr } = await runProcess({ ...testSecrets, DATABASE_URL: url });
    expect(code).toBe(1);
    expect(stderr).toBe(`The database laurel_test on 127.0.0.1:${port} cannot be used: timeout expired\n`);
  });

  test('when the server has no such database', async () => {
    const database = await createEmptyDatabase();
    await database.drop();
    const { code, stderr } = await runProcess({ ...testSecrets, DATABASE_URL: database.url });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^The database .* cannot be used: database ".*_test" does not exist\n$/);
  });

  test('when the authorities of the database cannot be read', async () => {
    const env = { DATABASE_URL: 'postgres://127.0.0.1:1/laurel_test', DATABASE_CA_FILE: 'missing.pem' };
    const { code, stderr } = await runProcess({ ...testSecrets, ...env });
    expect(code).toBe(1);
    expect(stderr).toBe(
      "DATABASE_CA_FILE cannot be read: ENOENT: no such file or directory, open 'missing.pem'\n",
    );
  });

  test('when the port is taken', async () => {
    const { url } = await createEmptyDatabase();
    const holder = createServer().listen(0);
    onTestFinished(() => void holder.close());
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    const { code, stderr } = await runProcess({ ...testSecrets, DATABASE_URL: url, PORT: String(port) });
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^listen EADDRINUSE: \\S[^\\n]*:${port}\\n$`));
  });

  test('when no secrets can be kept in the data directory', async () => {
    const file = join(makeTemporaryDirectory(), 'file');
    writeFileSync(file, '');
    const { code, stderr } = await runProcess({ DATA_DIR: file });
    expect(code).toBe(1);
    expect(stderr).toBe(
      `DATA_DIR ${file} cannot be used: EEXIST: file already exists, mkdir '${file}'. Choose a directory that can be written.\n`,
    );
  });

  test('when the data directory cannot be written', async () => {
    const file = join(makeTemporaryDirectory(), 'file');
    writeFileSync(file, '');
    const dataDir = join(file, 'data');
    const { code, stderr } = await runProcess({ ...testSecrets, DATA_DIR: dataDir });
    expect(code).toBe(1);
    expect(stderr).toBe(
      `DATA_DIR ${dataDir} cannot be used: ENOTDIR: not a directory, mkdir '${dataDir}'. Choose a directory that can be written.\n`,
    );
  });
});
