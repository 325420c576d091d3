import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { secretNames } from './config.ts';
import { localSecretsFile, readOrCreateLocalSecrets } from './local-secrets.ts';

const PROCESSES = 8;

describe('local secrets', () => {
  let parent: string;
  let dataDir: string;

  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'laurel-secrets-'));
    dataDir = join(parent, 'data');
  });
  afterEach(() => rmSync(parent, { recursive: true }));

  test('are made once, each different and strong', () => {
    const made = readOrCreateLocalSecrets(dataDir);
    expect(readOrCreateLocalSecrets(dataDir)).toEqual(made);
    const values = secretNames.flatMap((name) => made[name]);
    expect(new Set(values).size).toBe(secretNames.length);
    for (const value of values) expect(Buffer.byteLength(value)).toBeGreaterThanOrEqual(32);
  });

  test('can be read by their owner only', () => {
    readOrCreateLocalSecrets(dataDir);
    expect(statSync(localSecretsFile(dataDir)).mode & 0o777).toBe(0o600);
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
  });

  test('are the same for processes that start together, which leave nothing else behind', async () => {
    const answers = await readInProcessesAtOnce(dataDir);
    expect(new Set(answers).size).toBe(1);
    expect(JSON.parse(answers[0] ?? '')).toEqual(readOrCreateLocalSecrets(dataDir));
    expect(readdirSync(dataDir)).toEqual(['secrets.env']);
  });

  test('say which are missing from a file that was edited', () => {
    readOrCreateLocalSecrets(dataDir);
    writeFileSync(localSecretsFile(dataDir), 'JWT_SECRET=mine\n');
    expect(() => readOrCreateLocalSecrets(dataDir)).toThrow(
      'secrets.env lacks ACTION_TOKEN_SECRET, GAME_SERVICE_API_KEY, ADMIN_API_KEY: add them or delete the file',
    );
  });
});

/** Each has loaded everything before any of them is let go, so that they really meet. */
async function readInProcessesAtOnce(dataDir: string): Promise<string[]> {
  const script = `
    import { text } from 'node:stream/consumers';
    import { readOrCreateLocalSecrets } from '${new URL('local-secrets.ts', import.meta.url).href}';
    process.stdout.write('ready\\n');
    await text(process.stdin);
    process.stdout.write(JSON.stringify(readOrCreateLocalSecrets(process.argv[1])));`;
  const args = ['--import', 'tsx', '--input-type=module', '--eval', script, dataDir];
  const children = Array.from({ length: PROCESSES }, () => spawn(process.execPath, args));
  const outputs = children.map(async (child) => await text(child.stdout));
  await Promise.all(children.map(async (child) => await once(child.stdout, 'data')));
  for (const child of children) child.stdin.end();
  return (await Promise.all(outputs)).map((output) => output.replace(/^ready\n/, ''));
}
