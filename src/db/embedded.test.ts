import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, onTestFinished, test } from 'vitest';

import { copyEmbeddedTemplate, makeTemporaryDirectory } from '../../test/harness/database.ts';
import { until } from '../../test/harness/until.ts';
import { DataDirectoryError } from './data-directory.ts';
import { connectEmbedded } from './embedded.ts';

const addBoard = { name: 'add', text: "INSERT INTO leaderboards (id, title) VALUES ('kept', 'Kept')" };
const findBoard = { name: 'find', text: "SELECT title FROM leaderboards WHERE id = 'kept'" };

describe('a data directory', () => {
  test('keeps what was stored in it', async () => {
    const dataDir = await copyEmbeddedTemplate();
    const first = await connectEmbedded(dataDir);
    await first.run(addBoard, []);
    await first.close();

    const second = await connectEmbedded(dataDir);
    expect(await second.run(findBoard, [])).toEqual([{ title: 'Kept' }]);
    await second.close();
  });

  test('is refused while another process has it, and free once that one was killed', async () => {
    const dataDir = await copyEmbeddedTemplate();
    const holder = connectInProcess(dataDir);
    await once(holder.stdout ?? holder, 'data');
    await expect(connectEmbedded(dataDir)).rejects.toThrow(DataDirectoryError);
    await expect(connectEmbedded(dataDir)).rejects.toThrow(
      `${dataDir} is in use by another Laurel process: stop that one, choose another DATA_DIR, or set DATABASE_URL`,
    );
    await kill(holder);
    await (await connectEmbedded(dataDir)).close();
  });

  test('is refused when another major version of PGlite made it, and stays as it was', async () => {
    const dataDir = await copyEmbeddedTemplate();
    const formatFile = join(dataDir, 'postgres', 'laurel.format');
    const format = readFileSync(formatFile, 'utf8');
    writeFileSync(formatFile, 'pglite 0.1\n');
    await expect(connectEmbedded(dataDir)).rejects.toThrow(
      `${dataDir} was made by pglite 0.1, and this is ${format.trim()}: start the version that made it`,
    );
    writeFileSync(formatFile, format);
    await (await connectEmbedded(dataDir)).close();
  });

  test('recovers from a first start that was killed', async () => {
    const dataDir = join(makeTemporaryDirectory(), 'data');
    const starting = connectInProcess(dataDir);
    await until('the cluster is being made', () => existsSync(join(dataDir, 'postgres.new')), {
      timeoutMs: 15_000,
    });
    await kill(starting);
    expect(existsSync(join(dataDir, 'postgres'))).toBe(false);
    await expectUsable(dataDir);
  });

  test('recovers from a cluster that is only half made', async () => {
    const dataDir = makeTemporaryDirectory();
    mkdirSync(join(dataDir, 'postgres.new/base'), { recursive: true });
    writeFileSync(join(dataDir, 'postgres.new/PG_VERSION'), '18\n');
    await expectUsable(dataDir);
  });

  test('never deletes a cluster, even one without the mark of who made it', async () => {
    const dataDir = await copyEmbeddedTemplate();
    rmSync(join(dataDir, 'postgres', 'laurel.format'));
    await expect(connectEmbedded(dataDir)).rejects.toThrow(DataDirectoryError);
    expect(existsSync(join(dataDir, 'postgres', 'PG_VERSION'))).toBe(true);
  });
});

test('a store in memory needs no directory', async () => {
  const db = await connectEmbedded();
  expect(await db.run({ name: 'one', text: 'SELECT 1 AS one' }, [])).toEqual([{ one: 1 }]);
  await db.close();
});

async function expectUsable(dataDir: string): Promise<void> {
  const db = await connectEmbedded(dataDir);
  expect(await db.run({ name: 'one', text: 'SELECT 1 AS one' }, [])).toEqual([{ one: 1 }]);
  await db.close();
}

/** Writes a line once it has the directory, and keeps it. */
function connectInProcess(dataDir: string): ChildProcess {
  const script = `
    import { connectEmbedded } from '${new URL('embedded.ts', import.meta.url).href}';
    const db = await connectEmbedded(process.argv[1]);
    process.stdout.write('open\\n');
    setInterval(() => db, 1000);`;
  const args = ['--import', 'tsx', '--input-type=module', '--eval', script, dataDir];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
