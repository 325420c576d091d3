import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What there is to find a program with; tests bring a machine of their own. */
export interface Machine {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isRoot: boolean;
  readonly exists: (path: string) => boolean;
  /** Throws when the command fails. */
  readonly run: (command: string, ...args: string[]) => void;
  readonly warn: (message: string) => void;
}

export const thisMachine: Machine = {
  env: process.env,
  isRoot: process.getuid?.() === 0,
  exists: existsSync,
  run: (command, ...args) => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
    execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], env, timeout: 300_000 });
  },
  warn: (message) => void process.stderr.write(`${message}\n`),
};

const homes = [
  '/usr/bin',
  '/usr/sbin',
  '/usr/local/bin',
  '/opt/homebrew/bin',
  '/home/linuxbrew/.linuxbrew/bin',
];

/** The path of the first of `names` on PATH or where systems keep programs; undefined without one. */
export function findProgram({ env, exists }: Machine, names: readonly string[]): string | undefined {
  const directories = [...(env['PATH'] ?? '').split(delimiter).filter((entry) => entry !== ''), ...homes];
  const paths = names.flatMap((name) => directories.map((directory) => join(directory, name)));
  return paths.find((path) => exists(path));
}

/** As root on Debian, installs a package and says so; `what` ends the sentence "The tests need". */
export function installPackage({ isRoot, exists, run, warn }: Machine, name: string, what: string): void {
  if (!isRoot || !exists('/usr/bin/apt-get')) return;
  warn(`The tests need ${what}, and install one: apt-get install -y ${name}`);
  const install = () => run('apt-get', 'install', '-y', name);
  if (!succeeds(install)) succeeds(() => (run('apt-get', 'update'), install()));
}

export function succeeds(work: () => void): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}
