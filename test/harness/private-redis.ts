import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';

import { createClient } from '@redis/client';

import type { ScriptRunner } from '../../src/redis/index.ts';
import { cleanUp } from './cleanup.ts';
import { freePort } from './free-port.ts';
import { until } from './until.ts';

export interface PrivateRedis extends ScriptRunner {
  /** Sends one command and resolves with its reply. */
  command(...args: readonly (string | number)[]): Promise<unknown>;
}

/** Redis lives as long as this script's standard input stays open, whichever way the test run ends. */
const KEEPER = `
  redis-server --bind 127.0.0.1 --port "$1" --save '' --appendonly no --dir "$2" >/dev/null &
  cat >/dev/null
  kill -KILL $!
`;

/** Starts an empty server of its own on a free port of 127.0.0.1; ended after the file. */
export async function startPrivateRedis(): Promise<PrivateRedis> {
  const port = await freePort();
  const keeper = spawn('sh', ['-c', KEEPER, 'sh', String(port), tmpdir()], {
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  cleanUp(async () => {
    const exited = once(keeper, 'exit');
    keeper.stdin?.end();
    await exited;
  });
  const client = createClient({ RESP: 2, url: `redis://127.0.0.1:${port}` });
  // Until the server listens, and when it is ended.
  client.on('error', () => {});
  await client.connect();
  cleanUp(() => client.destroy());

  const command: PrivateRedis['command'] = async (...args) => await client.sendCommand(args.map(String));
  await until('Redis answers', async () => await command('PING'));
  return {
    command,
    run: async ({ text, sha1 }, keys, args) => {
      const operands = [keys.length, ...keys, ...args];
      try {
        return await command('EVALSHA', sha1, ...operands);
      } catch (error) {
        if (!String(error).includes('NOSCRIPT')) throw error;
        return await command('EVAL', text, ...operands);
      }
    },
  };
}
