import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';

import { observeOrigin } from '../contract/observe.ts';
import { builtService } from './build-service.ts';
import { cleanUp } from './cleanup.ts';
import { makeTemporaryDirectory } from './database.ts';
import { testDefaults } from './test-config.ts';
import { until } from './until.ts';

type LogLine = Readonly<Record<string, unknown>>;

export interface TestProcess {
  readonly pid: number;
  readonly url: string;
  /** Every line of JSON that it has logged so far. */
  readonly logs: readonly LogLine[];
  /** Resolves when `logs` has every line from before the call: they are written a moment late. */
  untilLogged(): Promise<void>;
  /** Sends a signal and does not wait. */
  signal(name: NodeJS.Signals): void;
  /** SIGTERM; resolves when the process has ended. */
  stop(): Promise<ProcessEnd>;
  /** SIGKILL; resolves when the process has ended. */
  kill(): Promise<ProcessEnd>;
  /** Resolves when the process has ended, by itself or not. */
  readonly ended: Promise<ProcessEnd>;
}

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

/** Several starts beside other tests have taken a busy machine of two cores more than half of it. */
const START_TIMEOUT_MS = 60_000;

/** Runs dist/main.js as a user does and resolves once it listens; killed after the file. Rejects with what it said. */
export async function startProcess(env: Readonly<Record<string, string>> = {}): Promise<TestProcess> {
  const { child, logs, ended } = launch({ LOG_LEVEL: 'info', ...testDefaults, ...env });
  const failed = ended.then(({ code, stderr }) => {
    throw new Error(`the service ended with ${code} before it listened:\n${stderr}`);
  });
  const listening = until('the service listens', () => logs.find(({ msg }) => msg === 'listening'), {
    timeoutMs: START_TIMEOUT_MS,
  });
  const { port } = await Promise.race([listening, failed]);
  const url = `http://127.0.0.1:${String(port)}`;
  observeOrigin(url);
  const end = async (name: NodeJS.Signals) => {
    child.kill(name);
    return await ended;
  };
  return {
    pid: child.pid ?? 0,
    url,
    logs,
    untilLogged: async () => {
      // Lines keep their order, so behind the line of a request are none from before it.
      const id = randomUUID();
      await fetch(`${url}/health/live`, { headers: { 'X-Request-Id': id } });
      await until('the log is read', () => logs.some((line) => line['request_id'] === id));
    },
    ended,
    signal: (name) => child.kill(name),
    stop: async () => await end('SIGTERM'),
    kill: async () => await end('SIGKILL'),
  };
}

/** Runs dist/main.js and does not wait until it listens; killed after the file. */
export function beginProcess(env: Readonly<Record<string, string>>): Pick<TestProcess, 'signal' | 'ended'> {
  const { child, ended } = launch(env);
  return { signal: (name) => child.kill(name), ended };
}

/** Runs dist/main.js until it ends by itself, which a start that is refused does. */
export async function runProcess(env: Readonly<Record<string, string>> = {}): Promise<ProcessEnd> {
  return await launch(env).ended;
}

interface LaunchedProcess {
  readonly child: ChildProcess;
  readonly logs: readonly LogLine[];
  readonly ended: Promise<ProcessEnd>;
}

/** In an empty directory and with no variables but these, so that nothing of the developer's is read. */
function launch(env: Readonly<Record<string, string>>): LaunchedProcess {
  const cwd = makeTemporaryDirectory();
  const child = spawn(process.execPath, ['--enable-source-maps', builtService], {
    cwd,
    env: { PATH: process.env['PATH'], PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  cleanUp(() => void child.kill('SIGKILL'));
  const stderr = text(child.stderr);
  const ended = once(child, 'close').then(async ([code, signal]: (number | NodeJS.Signals | null)[]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
    stderr: await stderr,
  }));
  return { child, logs: collectLogs(child), ended };
}

function collectLogs(child: ChildProcess): LogLine[] {
  const logs: LogLine[] = [];
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on('line', (line) => logs.push(JSON.parse(line) as LogLine));
  }
  return logs;
}
