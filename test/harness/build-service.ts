import { execFile } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The entry point of the built service. */
export const builtService = `${root}dist/main.js`;

/** The operator's commands. */
export const builtCli = `${root}dist/cli/main.js`;

/** Builds dist/ unless it is newer than every source. Types are another check's work, which takes ten times as long. */
export async function buildService(): Promise<void> {
  const builtAt = statSync(builtService, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (builtAt > newestSource()) return;
  const args = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--noCheck'];
  try {
    await promisify(execFile)(process.execPath, args, { cwd: root });
    await promisify(execFile)(process.execPath, ['src/copy-files.mjs', 'src', 'dist'], { cwd: root });
  } catch (error) {
    throw new Error(`dist/ could not be built:\n${(error as { stdout?: string }).stdout}`, { cause: error });
  }
}

function newestSource(): number {
  const names = readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' });
  const sources = names.filter((name) => !name.endsWith('.test.ts')).map((name) => `src/${name}`);
  const paths = [...sources, 'tsconfig.build.json', 'tsconfig.json', 'package.json'];
  return Math.max(...paths.map((path) => statSync(root + path, { throwIfNoEntry: false })?.mtimeMs ?? 0));
}
