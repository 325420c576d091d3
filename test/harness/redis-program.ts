import { findProgram, installPackage, type Machine, succeeds, thisMachine } from './machine.ts';

/** How a Redis server is run on this machine. */
export interface RedisProgram {
  readonly description: string;
  /** Set when Docker runs it: the image. */
  readonly image?: string;
  /** The server's executable, on the machine or in the image. */
  readonly path: string;
}

const servers = ['redis-server', 'valkey-server'];
const image = 'redis:7-alpine';

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

function findOnMachine(machine: Machine): RedisProgram | undefined {
  const path = findProgram(machine, servers);
  return path === undefined ? undefined : { description: path, path };
}

function findInDocker({ run }: Machine): RedisProgram | undefined {
  if (!succeeds(() => run('docker', 'info'))) return undefined;
  return { description: `${image} in Docker`, image, path: 'redis-server' };
}

function install(machine: Machine): RedisProgram | undefined {
  installPackage(machine, 'redis-server', 'a Redis server');
  return findOnMachine(machine);
}
