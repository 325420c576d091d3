import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { builtService } from '../../test/harness/build-service.ts';
import { testSecrets } from '../../test/harness/test-config.ts';
import { until } from '../../test/harness/until.ts';

interface Measured {
  /** How long the event loop was held since the last measurement. */
  readonly loop: { readonly maxMs: number; readonly p99Ms: number };
  readonly rss: number;
  /** In microseconds since the process started. */
  readonly cpu: { readonly user: number; readonly system: number };
}

export interface MeasuredService {
  readonly port: number;
  measure(): Promise<Measured>;
  stop(): Promise<void>;
}

const probe = fileURLToPath(new URL('probe.mjs', import.meta.url));

/** Runs the built service as a process of its own and resolves once it listens. */
export async function startMeasuredService(env: Readonly<Record<string, string>>): Promise<MeasuredService> {
  const child = fork(builtService, {
    execArgv: ['--expose-gc', '--import', probe],
    env: { PATH: process.env['PATH'], PORT: '0', RATE_LIMIT_ENABLED: 'false', ...testSecrets, ...env },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  process.once('exit', () => child.kill('SIGKILL'));
  const port = await until('the service listens', portOf(child), { timeoutMs: 60_000 });
  return {
    port,
    measure: async () => {
      child.send('measure');
      const [measured] = (await once(child, 'message')) as [Measured];
      return measured;
    },
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Requests are not shown: there is one for each stream. */
function portOf({ stdout }: ChildProcess): () => number | undefined {
  let port: number | undefined;
  if (stdout === null) throw new Error('the service was started without a standard output');
  createInterface({ input: stdout }).on('line', (line) => {
    const { level, msg, ...fields } = JSON.parse(line) as { level: string; msg: string; port?: number };
    if (msg === 'listening') port = fields.port;
    if (level !== 'info') process.stderr.write(`${line}\n`);
  });
  return () => port;
}
