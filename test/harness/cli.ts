import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

import { builtCli } from './build-service.ts';
import { makeTemporaryDirectory } from './database.ts';

interface CliRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `laurel` with these arguments as an operator does, in an empty directory and with no variables but these. */
export async function runCli(
  args: readonly string[],
  { env = {}, stdin = '' }: { env?: Readonly<Record<string, string>>; stdin?: string } = {},
): Promise<CliRun> {
  const child = spawn(process.execPath, ['--enable-source-maps', builtCli, ...args], {
    cwd: makeTemporaryDirectory(),
    env: { PATH: process.env['PATH'], ...env },
    stdio: 'pipe',
  });
  // A command that reads nothing may have ended before.
  child.stdin.on('error', () => {});
  child.stdin.end(stdin);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { code, stdout, stderr };
}
