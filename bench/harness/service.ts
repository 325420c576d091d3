import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { builtService } from '../../test/harness/build-service.ts';
import { freePort } from '../../test/harness/free-port.ts';
import { testSecrets } from '../../test/harness/test-config.ts';
import { until } from '../../test/harness/until.ts';
import type { Lifetime } from './lifetime.ts';
import { type ProcessUsage, readProcessUsage } from './process-usage.ts';

export interface BenchService {
  readonly port: number;
  readonly url: string;
  readonly pid: number;
  usage(): ProcessUsage;
  /** Lines of its log at a level above `info`. Refuse a run that has some. */
  complaints(): string[];
  stop(): Promise<void>;
}

/**
 * The program lives as long as this script's standard input stays open, so it is gone whichever way the run ends. Its
 * process id comes first on standard output; what the program says goes to the file, as a container's log does.
 */
const KEEPER = `
  log=$1
  shift
  exec 3<&0
  "$@" </dev/null >"$log" 2>&1 &
  pid=$!
  echo "$pid"
  { cat <&3 >/dev/null; kill -KILL "$pid"; } >/dev/null 2>&1 &
  wait "$pid" 2>/dev/null
`;

const START_TIMEOUT_MS = 60_000;
const BUILD_TIMEOUT_MS = 600_000;

/** Secrets as good as any, known so that requests can be signed in advance. */
export const benchSecrets = testSecrets;

interface Script {
  readonly script: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeOptions?: readonly string[];
}

interface Program {
  readonly command: readonly string[];
  /** On which it listens. */
  readonly port: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs the built service with every limit, log and metric as in production; ended with the lifetime. */
export async function startBenchService(
  lifetime: Lifetime,
  env: Readonly<Record<string, string>>,
): Promise<BenchService> {
  const nodeOptions = (process.env['BENCH_NODE_OPTIONS'] ?? '').split(' ').filter((option) => option !== '');
  return await startServer(lifetime, { script: builtService, env, nodeOptions });
}

/** Runs a script of Node that listens on PORT and answers /health/live; ended with the lifetime. */
export async function startServer(
  lifetime: Lifetime,
  { script, env = {}, nodeOptions = [] }: Script,
): Promise<BenchService> {
  const port = await freePort();
  const command = [process.execPath, ...nodeOptions, script];
  const secrets = { NODE_ENV: 'production', ...benchSecrets };
  return await startProgram(lifetime, { command, port, env: { ...secrets, PORT: String(port), ...env } });
}

/** Runs a program that answers /health/live, as one process; ended with the lifetime. */
export async function startProgram(
  lifetime: Lifetime,
  { command, port, env = {} }: Program,
): Promise<BenchService> {
  const directory = mkdtempSync(join(tmpdir(), 'laurel-bench-'));
  const log = join(directory, 'log');
  openSync(log, 'w');
  const child = spawn('sh', ['-c', KEEPER, 'sh', log, ...command], {
    cwd: directory,
    detached: true,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const said = () => readFileSync(log, 'utf8');
  const [output] = (await once(child.stdout, 'data')) as [Buffer];
  const pid = Number.parseInt(output.toString(), 10);
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    if (child.exitCode !== null) return;
    process.kill(pid, 'SIGTERM');
    await ended;
  };
  lifetime.onEnd(async () => {
    await stop();
    rmSync(directory, { recursive: true });
  });
  const died = ended.then(() => {
    throw new Error(`the service ended before it listened:\n${said()}`);
  });
  const listening = until(
    'the service answers',
    async () => (await fetch(`${url}/health/live`).catch(() => undefined))?.ok,
    { timeoutMs: START_TIMEOUT_MS },
  );
  await Promise.race([listening, died]);
  died.catch(() => {});
  return { port, url, pid, stop, usage: () => readProcessUsage(pid), complaints: () => complaintsIn(said()) };
}

/** Resolves when the global leaderboard is read from Redis. */
export async function untilIndexed({ url }: BenchService): Promise<void> {
  const isIndexed = async () =>
    (await fetch(`${url}/v1/leaderboards/global?limit=1`)).headers.get('X-Leaderboard-Source') === 'redis';
  await until('the board is read from Redis', isIndexed, { timeoutMs: BUILD_TIMEOUT_MS });
}

function complaintsIn(log: string): string[] {
  return log.split('\n').filter((line) => line !== '' && !line.includes('"level":"info"'));
}
