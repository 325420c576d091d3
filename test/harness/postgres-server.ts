import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import pg from 'pg';

import { freePort } from './free-port.ts';
import { findPostgresBinaries } from './postgres-binaries.ts';

export interface PostgresServer {
  readonly description: string;
  /** As the superuser, without a password. */
  url(database: string): string;
  readonly port: number;
  readonly dataDirectory: string;
  /** Ends the server as an operator does, without waiting for its clients; `start` brings it back. */
  stop(): Promise<void>;
  /** Ends the server at once, as a crash does; `start` brings it back with its data. */
  crash(): Promise<void>;
  /** Resolves when the server accepts connections. */
  start(): Promise<void>;
  /** Halts every process of the server, as a paused machine does. */
  freeze(): Promise<void>;
  thaw(): void;
  /** Ends the recovery of a replica, which is a server of its own from then on. */
  promote(): Promise<void>;
  /** Puts a file where only the server can read it, and returns its path. */
  addFile(name: string, content: string): string;
  /** Ends the server and removes all it stored. */
  remove(): Promise<void>;
}

/**
 * The server lives as long as this script's standard input stays open, so it is gone, with its files, whichever way
 * the test run ends. Speed over safety: nothing of it outlives the run. Its time zone is one that no code expects.
 */
const KEEPER = `
  bin=$1 dir=$2 port=$3 primary_data=$4 primary_port=$5
  trap 'rm -rf "$dir"' EXIT
  if [ -n "$primary_data" ]; then
    cp -R "$primary_data" "$dir/data" && touch "$dir/data/standby.signal" || exit 1
  else
    "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --no-locale --no-sync >"$dir/initdb.log" 2>&1 ||
      { cat "$dir/initdb.log"; exit 1; }
  fi
  cat >>"$dir/data/postgresql.conf" <<EOF
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = ''
max_connections = 200
timezone = 'Asia/Kathmandu'
fsync = off
synchronous_commit = off
full_page_writes = off
primary_conninfo = 'host=127.0.0.1 port=$primary_port user=postgres'
wal_retrieve_retry_interval = '100ms'
EOF
  "$bin/pg_ctl" start -w -D "$dir/data" -l "$dir/server.log" >/dev/null || { cat "$dir/server.log"; exit 1; }
  echo ready
  cat >/dev/null
  kill -CONT "$(head -n 1 "$dir/data/postmaster.pid")" 2>/dev/null
  "$bin/pg_ctl" stop -m immediate -D "$dir/data" >/dev/null 2>&1
  exit 0
`;

const START_ATTEMPTS = 3;

interface ServerOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** A stopped server, whose data this one begins with and whose changes it follows from then on. */
  readonly replicaOf?: PostgresServer;
}

/** Starts a private server on a free port of 127.0.0.1. Throws with the server's own log when it does not start. */
export async function startPostgresServer(options: ServerOptions = {}): Promise<PostgresServer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOn(await freePort(), options);
    } catch (error) {
      const portTaken = String(error).includes('could not bind');
      if (!portTaken || attempt === START_ATTEMPTS) throw error;
    }
  }
}

async function startOn(
  port: number,
  { env = process.env, replicaOf }: ServerOptions,
): Promise<PostgresServer> {
  const binaries = findPostgresBinaries(env);
  const directory = mkdtempSync(join(tmpdir(), 'laurel-postgres-'));
  const bin = binaries.install(directory);
  const owner = serverOwner();
  const options = { ...owner, cwd: tmpdir(), env: { PATH: env['PATH'], LC_ALL: 'C' } };
  if (owner !== undefined) execFileSync('chown', ['-R', `${owner.uid}:${owner.gid}`, directory]);

  const primary = [replicaOf?.dataDirectory ?? '', String(replicaOf?.port ?? '')];
  const keeper = spawn('sh', ['-c', KEEPER, 'sh', bin, directory, String(port), ...primary], {
    ...options,
    detached: true,
  });
  const exited = once(keeper, 'exit');
  const complaints = text(keeper.stderr);
  const [output] = (await Promise.race([once(keeper.stdout, 'data'), once(keeper.stdout, 'end')])) as [
    Buffer?,
  ];
  if (!output?.toString().startsWith('ready')) {
    throw new Error(`PostgreSQL did not start:\n${output?.toString() ?? ''}${await complaints}`);
  }
  const dataDirectory = join(directory, 'data');
  const control = async (...args: string[]) => {
    const child = spawn(join(bin, 'pg_ctl'), ['-D', dataDirectory, ...args], { ...options, stdio: 'ignore' });
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`pg_ctl ${args.join(' ')} ended with ${code}`);
  };
  const url = (database: string) => `postgres://postgres@127.0.0.1:${port}/${database}`;
  let frozen: readonly number[] = [];

  return {
    description: `${binaries.description}, a private server on port ${port}`,
    url,
    port,
    dataDirectory,
    stop: async () => await control('stop', '-m', 'fast'),
    crash: async () => await control('stop', '-m', 'immediate'),
    promote: async () => await control('promote', '-w'),
    start: async () => await control('start', '-w', '-l', join(directory, 'server.log')),
    freeze: async () => {
      frozen = await haltProcesses(dataDirectory, url('postgres'));
    },
    thaw: () => {
      for (const pid of frozen) process.kill(pid, 'SIGCONT');
      frozen = [];
    },
    addFile: (name, content) => addFile(join(directory, name), content, owner),
    remove: async () => {
      keeper.stdin.end();
      await exited;
    },
  };
}

/** The postmaster first, so that no process is added to those that are halted; the one that lists them comes last. */
async function haltProcesses(data: string, url: string): Promise<readonly number[]> {
  const client = new pg.Client(url);
  client.on('error', () => {});
  await client.connect();
  const postmaster = Number.parseInt(readFileSync(join(data, 'postmaster.pid'), 'utf8'), 10);
  process.kill(postmaster, 'SIGSTOP');
  const { rows } = await client.query<{ pid: number }>(
    'SELECT pid FROM pg_stat_activity ORDER BY pid = pg_backend_pid()',
  );
  const pids = rows.map(({ pid }) => pid);
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  void client.end();
  return [postmaster, ...pids];
}

/** PostgreSQL refuses to run as root: then it runs as its own user, or as nobody. */
function serverOwner(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const passwd = readFileSync('/etc/passwd', 'utf8');
  for (const user of ['postgres', 'nobody']) {
    const [, uid, gid] = new RegExp(`^${user}:[^:]*:(\\d+):(\\d+):`, 'm').exec(passwd) ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(
    'PostgreSQL refuses to run as root, and there is no user postgres or nobody: run the tests as another user.',
  );
}

function addFile(path: string, content: string, owner: { uid: number; gid: number } | undefined): string {
  writeFileSync(path, content);
  chmodSync(path, 0o600);
  if (owner !== undefined) chownSync(path, owner.uid, owner.gid);
  return path;
}
