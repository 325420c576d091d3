import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { describe, expect, test } from 'vitest';

import { makeTemporaryDirectory } from '../../test/harness/database.ts';
import { createTestRedis } from '../../test/harness/redis.ts';
import { connectBy, patient, transports } from '../../test/harness/redis-clients.ts';
import { until } from '../../test/harness/until.ts';
import { loadScript, type Script } from './index.ts';

const echo = makeScript(
  'echo',
  `-- KEYS: any. ARGV: any. Replies with them, and with one value of each kind.
return { KEYS, ARGV, 9007199254740991, -9007199254740991, false, 1.9, 'OK', { { 'deep' } } }`,
);

function makeScript(name: string, text: string): Script {
  const path = join(makeTemporaryDirectory(), `${name}.lua`);
  writeFileSync(path, text);
  return loadScript(pathToFileURL(path));
}

describe.each(transports)('over %s, a script', async (kind) => {
  const client = await connectBy(kind, await createTestRedis());
  await until('Redis is usable', () => client.health.usable);
  const redis = patient(client);
  const { commands } = redis;

  test('gets its keys and arguments as text, and its reply is not parsed', async () => {
    const reply = [
      ['k1', 'k2'],
      ['1', 'two', '{"3":3}', ''],
      Number.MAX_SAFE_INTEGER,
      -Number.MAX_SAFE_INTEGER,
      null,
      1,
      'OK',
      [['deep']],
    ];
    expect(await redis.run(echo, ['k1', 'k2'], [1, 'two', '{"3":3}', ''])).toEqual(reply);
    expect(await redis.run(echo, [], [])).toEqual([[], [], ...reply.slice(2)]);
  });

  test('is known by its hash once it ran, and runs again when the server has forgotten it', async () => {
    const once = makeScript('once', `return redis.call('INCR', KEYS[1]) -- ${kind}`);
    expect(await redis.run(once, ['runs'], [])).toBe(1);
    expect(await commands.scriptExists(once.sha1)).toEqual([1]);
    await commands.scriptFlush();
    expect(await redis.run(once, ['runs'], [])).toBe(2);
    expect(await commands.evalsha(once.sha1, ['runs'], [])).toBe(3);
  });

  test('that fails is refused', async () => {
    const failing = makeScript('failing', "return redis.error_reply('STALE the version is too low')");
    await expect(redis.run(failing, [], [])).rejects.toMatchObject({
      name: 'RedisRefused',
      code: 'STALE',
      message: 'STALE the version is too low',
    });
  });
});

test('a script is named for its file', () => {
  expect(echo.name).toBe('echo');
});

test('the build copies scripts to where the built module looks for them', () => {
  const root = makeTemporaryDirectory();
  mkdirSync(join(root, 'src/scores/deep'), { recursive: true });
  mkdirSync(join(root, 'dist/scores'), { recursive: true });
  writeFileSync(join(root, 'src/scores/deep/apply.lua'), 'return 1');
  writeFileSync(join(root, 'src/scores/apply.ts'), '');
  execFileSync(process.execPath, ['src/copy-files.mjs', join(root, 'src'), join(root, 'dist')]);
  expect(readFileSync(join(root, 'dist/scores/deep/apply.lua'), 'utf8')).toBe('return 1');
  expect(() => readFileSync(join(root, 'dist/scores/apply.ts'))).toThrow('ENOENT');
});
