import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** How a Redis server is run on this machine. */
export interface RedisProgram {
  readonly description: string;
  /** Set when Docker runs it: the image. */
  readonly image?: string;
  /** The server's executable, on the machine or in the image. */
  readonly path: string;
}

/** What there is to find a server with; tests bring a machine of their own. */
export interface Machine {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isRoot: boolean;
  readonly exists: (path: string) => boolean;
  /** Throws when the command fails. */
  readonly run: (command: string, ...args: string[]) => void;
  readonly warn: (message: string) => void;
}

const servers = ['redis-server', 'valkey-server'];
const homes = [
  '/usr/bin',
  '/usr/sbin',
  '/usr/local/bin',
  '/opt/homebrew/bin',
  '/home/linuxbrew/.linuxbrew/bin',
];
const image = 'redis:7-alpine';

const thisMachine: Machine = {
  env: process.env,
  isRoot: process.getuid?.() === 0,
  exists: existsSync,
  run: (command, ...args) => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
    execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], env, timeout: 300_000 });
  },
  warn: (message) => void process.stderr.write(`${message}\n`),
};

/** A server of this machine, else Docker's, else one that is installed now. Throws with what to install. */
export function findRedisProgram(machine: Machine = thisMachine): RedisProgram {
  const program = findOnMachine(machine) ?? findInDocker(machine) ?? install(machine);
  if (program !== undefined) return program;
  throw new Error(
    'The tests need Redis 7 or Valkey, and found no redis-server or valkey-server on PATH, and no Docker that runs. ' +
      'Install it (Debian: apt-get install -y redis-server, macOS: brew install redis), ' +
      'or set TEST_REDIS_URL to a server with databases that the tests may use.',
  );
}

function findOnMachine({ env, exists }: Machine): RedisProgram | undefined {
  const directories = [...(env['PATH'] ?? '').split(delimiter).filter((entry) => entry !== ''), ...homes];
  const paths = servers.flatMap((name) => directories.map((directory) => join(directory, name)));
  const path = paths.find((candidate) => exists(candidate));
  return path === undefined ? undefined : { description: path, path };
}

function findInDocker({ run }: Machine): RedisProgram | undefined {
  if (!succeeds(() => run('docker', 'info'))) return undefined;
  return { description: `${image} in Docker`, image, path: 'redis-server' };
}

function install(machine: Machine): RedisProgram | undefined {
  const { isRoot, exists, run, warn } = machine;
  if (!isRoot || !exists('/usr/bin/apt-get')) return undefined;
  warn('The tests need a Redis server, and install one: apt-get install -y redis-server');
  const installed = () => run('apt-get', 'install', '-y', 'redis-server');
  if (!succeeds(installed)) succeeds(() => (run('apt-get', 'update'), installed()));
  return findOnMachine(machine);
}

function succeeds(work: () => void): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}
