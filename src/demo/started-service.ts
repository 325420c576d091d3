import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { awaitReady } from './await-ready.ts';
import { DemoError } from './demo-error.ts';
import { followSignals } from './follow-signals.ts';
import { pause } from './pause.ts';

const entryPoint = fileURLToPath(new URL('../main.js', import.meta.url));
const START_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 30_000;
const MAX_RESTARTS = 3;
const LOG_LINES_SHOWN = 15;

/** What the started service gets unless the environment says otherwise: a crowd on one address, tokens that expire. */
const defaults = {
  LOG_LEVEL: 'warn',
  ACTION_TOKEN_TTL_SECONDS: '10',
  RATE_LIMIT_AUTH_PER_MINUTE: '100000',
  RATE_LIMIT_READS_PER_MINUTE: '100000',
  RATE_LIMIT_SCORES_PER_MINUTE: '100000',
};

/** A Laurel to play against. */
export interface Service {
  readonly url: string;
  /** Ends it if the demo started it. */
  stop(): Promise<void>;
}

interface StartOptions {
  readonly url: string;
  readonly port: number;
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Runs the built service as a process of its own until `stop`. One that ends by itself while the game runs is
 * started again, at most three times: the store survives, and players send what was not answered again.
 * Throws a DemoError with the last lines of its log when it does not become ready.
 */
export async function startService({ url, port, tell, signal }: StartOptions): Promise<Service> {
  const logDirectory = mkdtempSync(join(tmpdir(), 'laurel-demo-'));
  const logFile = join(logDirectory, 'service.log');
  tell(`Starting Laurel at ${url}, data in ${whereDataIs()}, log in ${logFile}`);
  let child = launch(port, logFile);
  let stopping = false;
  let restarts = 0;

  const onExit = (code: number | null, endedBy: NodeJS.Signals | null) => {
    if (stopping) return;
    const again = restarts < MAX_RESTARTS;
    tell(`The service ended by itself (${endedBy ?? code})${again ? ' and is started again' : ''}`);
    if (!again) return;
    restarts += 1;
    child = launch(port, logFile).once('exit', onExit);
  };

  const stop = async () => {
    stopping = true;
    await end(child);
    if (statSync(logFile).size === 0) rmSync(logDirectory, { recursive: true });
  };

  process.once('exit', () => child.kill());
  await awaitStarted(child, { url, logFile, signal }).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  child.once('exit', onExit);
  return { url, stop };
}

/** In a process group of its own: Ctrl-C in the terminal reaches the demo only, which stops the service last. */
function launch(port: number, logFile: string): ChildProcess {
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, ['--enable-source-maps', entryPoint], {
    env: { ...defaults, ...process.env, PORT: String(port) },
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  return child;
}

function whereDataIs(): string {
  return process.env['DATABASE_URL']
    ? 'the PostgreSQL of DATABASE_URL'
    : resolve(process.env['DATA_DIR'] || '.data');
}

async function awaitStarted(
  child: ChildProcess,
  { url, logFile, signal }: { url: string; logFile: string; signal: AbortSignal },
): Promise<void> {
  const ending = followSignals(signal);
  child.once('exit', () => ending.abort());
  try {
    await awaitReady(url, START_DEADLINE_MS, ending.signal);
  } catch (error) {
    if (signal.aborted) throw error;
    throw new DemoError(`Laurel did not start (${howItStands(child)}):\n${lastLines(logFile)}`, {
      cause: error,
    });
  }
}

function howItStands({ exitCode, signalCode }: ChildProcess): string {
  if (signalCode !== null) return `ended by ${signalCode}`;
  return exitCode === null ? `not ready after ${START_DEADLINE_MS / 1000} s` : `ended with code ${exitCode}`;
}

function lastLines(logFile: string): string {
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n');
  return lines.slice(-LOG_LINES_SHOWN).join('\n');
}

/** SIGTERM, and SIGKILL for one that does not end in time. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new AbortController();
  child.once('exit', () => ended.abort());
  child.kill('SIGTERM');
  await pause(STOP_DEADLINE_MS, ended.signal);
  if (!ended.signal.aborted) child.kill('SIGKILL');
}
