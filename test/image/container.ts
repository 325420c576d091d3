import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';

import { freePort } from '../harness/free-port.ts';
import { until } from '../harness/until.ts';
import type { Image } from './image.ts';

/**
 * Runs a command of an image as its user, as process 1 of its own, with a root that cannot be written, a /tmp, and
 * the data directory if there is one. The mounts are those of a namespace that ends with the process.
 */
const ENTER = `
  set -e
  root=$1 data=$2 user=$3 directory=$4
  shift 4
  mount --bind "$root" "$root"
  mount -t proc proc "$root/proc"
  mount -t tmpfs -o mode=1777,size=64m tmpfs "$root/tmp"
  [ -z "$data" ] || mount --bind "$data" "$root/data"
  mount -o remount,bind,ro "$root"
  exec chroot --userspec="$user" "$root" env -i -C "$directory" "$@"
`;

interface ContainerOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Mounted at /data. */
  readonly dataDirectory?: string;
  /** In place of the image's own. */
  readonly command?: readonly string[];
}

interface ContainerEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Container {
  /** On the machine's loopback address: the network is not set apart. */
  readonly url: string;
  /** Of process 1 of the container, as the machine counts. */
  readonly pid: () => number;
  signal(name: NodeJS.Signals): void;
  /** Resolves when it has ended, by itself or not. */
  readonly ended: Promise<ContainerEnd>;
}

/** Embedded storage is made at its first start, which takes a busy machine a minute. */
const READY_WITHIN_MS = 180_000;

const running = new Set<ChildProcess>();

/** Starts a container on a free port. It is killed by `killContainers` if it runs until then. */
export async function startContainer(image: Image, options: ContainerOptions = {}): Promise<Container> {
  const { env = {}, dataDirectory = '', command = image.command } = options;
  const port = String(await freePort());
  const variables = [...image.env, ...Object.entries({ PORT: port, ...env }).map((pair) => pair.join('='))];
  const where = [image.root, dataDirectory, image.user, image.directory];
  const namespaces = ['--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private'];
  const child = spawn(
    'unshare',
    [...namespaces, 'sh', '-c', ENTER, 'sh', ...where, ...variables, ...command],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  running.add(child);
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  const ended = once(child, 'close').then(async ([code]: (number | null)[]) => {
    running.delete(child);
    const [stdout, stderr] = await output;
    return { code: code ?? null, stdout, stderr };
  });
  const pid = () => firstProcessOf(child);
  return {
    url: `http://127.0.0.1:${port}`,
    pid,
    signal: (name) => process.kill(pid(), name),
    ended,
  };
}

/** Resolves with the milliseconds since the call until it is ready. Rejects with what it said when it ends before. */
export async function untilReady({ url, ended }: Container): Promise<number> {
  const beganAt = performance.now();
  const failed = ended.then(({ code, stdout, stderr }) => {
    throw new Error(`the container ended with ${code} before it was ready:\n${stdout}${stderr}`);
  });
  const ready = until('it is ready', async () => (await fetch(`${url}/health/ready`)).ok, {
    timeoutMs: READY_WITHIN_MS,
  });
  await Promise.race([ready, failed]);
  return performance.now() - beganAt;
}

/** The namespaces and their processes end with the process that made them. */
export function killContainers(): void {
  for (const child of running) child.kill('SIGKILL');
}

function firstProcessOf({ pid }: ChildProcess): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  if (!/^\d+$/.test(children)) throw new Error('the container has no process');
  return Number(children);
}
