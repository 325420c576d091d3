import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createClient } from '@redis/client';

import type { Certificates } from './certificates.ts';
import { freePort } from './free-port.ts';
import { findRedisProgram, type RedisProgram } from './redis-program.ts';
import { until } from './until.ts';

export interface RedisServer {
  readonly description: string;
  /** redis:// or rediss://, with the password. */
  readonly url: string;
  readonly port: number;
  /** Ends the server as an operator does; `start` brings it back, empty. */
  stop(): Promise<void>;
  /** Ends the server at once, as a crash does; `start` brings it back, empty. */
  crash(): Promise<void>;
  /** Resolves when the server answers. */
  start(): Promise<void>;
  /** Halts the server, as a paused machine does: connections stay, nobody is answered. */
  freeze(): void;
  thaw(): void;
  /** The server answers nobody for so long. */
  pauseClients(ms: number): Promise<void>;
  /** Beyond so many bytes, writes are refused with OOM; 0 is no limit. */
  setMaxMemory(bytes: number): Promise<void>;
  /** What a failover leaves of a primary: connections stay, writes are refused with READONLY. */
  makeReadOnlyReplica(): Promise<void>;
  makePrimary(): Promise<void>;
  /** Sends one command and resolves with its reply. */
  ask(...command: string[]): Promise<unknown>;
  /** Ends the server and removes all it stored. */
  remove(): Promise<void>;
}

interface ServerOptions {
  readonly password?: string;
  /** Listens with TLS only. */
  readonly tls?: Certificates;
  readonly program?: RedisProgram;
}

/**
 * Ends with the server, and the server ends when this script's standard input is closed: it is gone whichever way the
 * run ends. What the server says goes to standard output, after its process id.
 */
const KEEPER = `
  dir=$1 container=$2
  shift 2
  exec 3<&0
  trap 'rm -rf "$dir"' EXIT
  "$@" </dev/null 2>&1 &
  pid=$!
  echo "$pid"
  {
    cat <&3
    [ -z "$container" ] || docker rm -f "$container" 2>&1
    [ -d "$dir" ] && kill -KILL "$pid"
  } >/dev/null 2>&1 &
  wait "$pid"
`;

const START_ATTEMPTS = 3;

/** Starts a private server that stores nothing, on a free port of 127.0.0.1. Throws with its own log if it does not. */
export async function startRedisServer(options: ServerOptions = {}): Promise<RedisServer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOn(await freePort(), options);
    } catch (error) {
      const portTaken = /in use|already allocated/.test(String(error));
      if (!portTaken || attempt === START_ATTEMPTS) throw error;
    }
  }
}

async function startOn(port: number, options: ServerOptions): Promise<RedisServer> {
  const { password, tls, program = findRedisProgram() } = options;
  const credentials = password === undefined ? '' : `:${encodeURIComponent(password)}@`;
  const url = `${tls ? 'rediss' : 'redis'}://${credentials}127.0.0.1:${port}`;
  const ask = async (...command: string[]) => await askAt(url, tls, command);
  const start = async () => await launch(program, port, options, async () => (await ask('PING')) === 'PONG');
  let running = await start();
  return {
    description: `${program.description}, a private server on port ${port}`,
    url,
    port,
    ask,
    start: async () => {
      running = await start();
    },
    stop: async () => {
      running.signal('TERM');
      await running.ended;
    },
    crash: async () => {
      running.signal('KILL');
      await running.ended;
    },
    freeze: () => running.signal('STOP'),
    thaw: () => running.signal('CONT'),
    pauseClients: async (ms) => void (await ask('CLIENT', 'PAUSE', String(ms), 'ALL')),
    setMaxMemory: async (bytes) => void (await ask('CONFIG', 'SET', 'maxmemory', String(bytes))),
    // Nobody listens on the port that it is told to follow.
    makeReadOnlyReplica: async () => void (await ask('REPLICAOF', '127.0.0.1', '1')),
    makePrimary: async () => void (await ask('REPLICAOF', 'NO', 'ONE')),
    remove: async () => await running.remove(),
  };
}

interface Running {
  readonly signal: (name: 'TERM' | 'KILL' | 'STOP' | 'CONT') => void;
  /** Resolves when the server has ended. */
  readonly ended: Promise<unknown>;
  readonly remove: () => Promise<void>;
}

async function launch(
  program: RedisProgram,
  port: number,
  options: ServerOptions,
  answers: () => Promise<boolean>,
): Promise<Running> {
  const directory = mkdtempSync(join(tmpdir(), 'laurel-redis-'));
  const container = program.image === undefined ? '' : `laurel-redis-${port}`;
  const command = commandOf(program, container, directory, port, options);
  const keeper = spawn('sh', ['-c', KEEPER, 'sh', directory, container, ...command], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = once(keeper, 'exit');
  const said: string[] = [];
  keeper.stdout.on('data', (chunk: Buffer) => said.push(String(chunk)));
  const remove = async () => {
    keeper.stdin.end();
    await ended;
  };
  try {
    const failed = ended.then(() => {
      throw new Error('it ended');
    });
    await Promise.race([failed, until('Redis answers', answers)]);
    return { signal: signalTo(Number.parseInt(said.join(''), 10), container), ended, remove };
  } catch (error) {
    await remove();
    throw new Error(`Redis did not start:\n${said.join('')}`, { cause: error });
  }
}

function commandOf(
  { path, image }: RedisProgram,
  container: string,
  directory: string,
  port: number,
  { password, tls }: ServerOptions,
): string[] {
  const plain = ['--port', String(port)];
  const settings = {
    bind: image === undefined ? '127.0.0.1' : '0.0.0.0',
    'protected-mode': 'no',
    save: '',
    databases: '256',
    dir: directory,
    ...(password !== undefined && { requirepass: password }),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const server = [path, ...(tls ? tlsFlags(tls, directory, port) : plain), ...flags];
  if (image === undefined) return server;
  const mounts = ['-v', `${directory}:${directory}`, '-p', `127.0.0.1:${port}:${port}`];
  return ['docker', 'run', '--rm', '--name', container, ...mounts, image, ...server];
}

function tlsFlags(certificates: Certificates, directory: string, port: number): string[] {
  const certificate = join(directory, 'server.crt');
  const key = join(directory, 'server.key');
  writeFileSync(certificate, certificates.serverCertificate);
  writeFileSync(key, certificates.serverKey);
  const files = [
    '--tls-cert-file',
    certificate,
    '--tls-key-file',
    key,
    '--tls-ca-cert-file',
    certificates.caFile,
  ];
  return ['--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no', ...files];
}

function signalTo(pid: number, container: string): Running['signal'] {
  return (name) => {
    if (container === '') return void process.kill(pid, `SIG${name}`);
    execFileSync('docker', ['kill', '--signal', name, container]);
  };
}

async function askAt(
  url: string,
  tls: Certificates | undefined,
  command: readonly string[],
): Promise<unknown> {
  const ca = tls && { tls: true as const, ca: readFileSync(tls.caFile) };
  const client = createClient({ url, RESP: 2, socket: { ...ca, reconnectStrategy: false } });
  client.on('error', () => {});
  try {
    await client.connect();
    return await client.sendCommand(command);
  } finally {
    client.destroy();
  }
}
