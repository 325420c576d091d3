import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { builtService } from '../../test/harness/build-service.ts';
import { testSecrets } from '../../test/harness/test-config.ts';
import { until } from '../../test/harness/until.ts';
import { createTally } from './tally.ts';

interface Memory {
  readonly rss: number;
  /** The heap and what it holds outside, in bytes, after a full collection. */
  readonly held: number;
}

export interface SoakedService {
  readonly url: string;
  measure(): Promise<Memory>;
  /** What it has logged as a warning or worse, by message. */
  complaints(): Readonly<Record<string, number>>;
  stop(): Promise<void>;
}

const probe = fileURLToPath(new URL('memory-probe.mjs', import.meta.url));

/** Runs the built service as a process of its own and resolves once it listens. */
export async function startSoakedService(env: Readonly<Record<string, string>>): Promise<SoakedService> {
  const child = spawn(process.execPath, ['--expose-gc', '--import', probe, builtService], {
    // One trusted proxy: the crowd's addresses are then those that it claims.
    env: { PATH: process.env['PATH'], PORT: '0', TRUSTED_PROXY_HOPS: '1', ...testSecrets, ...env },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  process.once('exit', () => child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  const died = ended.then(([code]) => {
    throw new Error(`the service ended with ${code}`);
  });
  const { port, complaints } = readLog(child);
  const listening = until('the service listens', port, { timeoutMs: 60_000 });
  return {
    url: `http://127.0.0.1:${await Promise.race([listening, died])}`,
    measure: async () => {
      const answer = once(child, 'message') as Promise<[Memory]>;
      child.send('measure');
      const [memory] = await Promise.race([answer, died]);
      return memory;
    },
    complaints: () => complaints.counts(),
    stop: async () => {
      // From now on its end is wanted.
      died.catch(() => {});
      child.kill('SIGTERM');
      await ended;
    },
  };
}

interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly port?: number;
}

function readLog(child: ChildProcess) {
  const complaints = createTally();
  let port: number | undefined;
  if (child.stdout === null) throw new Error('the service was started without a standard output');
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { level, msg, port: listening } = JSON.parse(line) as LogLine;
    port ??= listening;
    if (level !== 'info') complaints.add(msg);
  });
  return { port: () => port, complaints };
}
