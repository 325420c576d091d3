import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

import { builtService } from '../../test/harness/build-service.ts';
import { testDefaults } from '../../test/harness/test-config.ts';
import { until } from '../../test/harness/until.ts';

interface WatchedService {
  readonly url: string;
  /** Resolves when it has written its last line. */
  stop(): Promise<void>;
}

/** Runs the built service as a process of its own and resolves once it answers; `onLine` gets every line of its output. */
export async function startWatchedService(
  port: number,
  env: Readonly<Record<string, string>>,
  onLine: (line: string) => void,
): Promise<WatchedService> {
  const child = spawn(process.execPath, [builtService], {
    env: { PATH: process.env['PATH'], ...testDefaults, PORT: String(port), ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.once('exit', () => child.kill('SIGKILL'));
  createInterface({ input: child.stdout }).on('line', onLine);
  const url = `http://127.0.0.1:${port}`;
  const answers = async () => (await fetch(`${url}/health/live`)).ok;
  await until('the service answers', answers, { timeoutMs: 60_000 });
  return {
    url,
    stop: async () => {
      const closed = once(child, 'close');
      child.kill('SIGTERM');
      await closed;
    },
  };
}
