/**
 * A game that plays against Laurel over HTTP, and audits it.
 *
 * Its books hold what the service answered, and are compared with the board at the end. An update is sent with one
 * token until it is answered, so that it counts once; one that never was is unknown. A turn is one update of a player,
 * who has one turn at a time; a cheat is an update that must be refused, with the code that belongs to it.
 */
import { existsSync } from 'node:fs';

import { DemoError } from './demo-error.ts';
import { listenForInterrupt } from './interrupt.ts';
import { helpText, type Options, parseOptions } from './options.ts';
import { playAndCompare } from './play-and-compare.ts';
import { findOrStartService } from './service.ts';
import { openTerminal } from './terminal.ts';

/** Resolves with the exit code: 0 when the books are right, 1 when not or when nothing could be played, 2 for flags. */
async function main(args: readonly string[]): Promise<number> {
  try {
    if (existsSync('.env')) process.loadEnvFile('.env');
    const options = parseOptions(args);
    if (!options.help) return await run(options);
    process.stdout.write(helpText);
    return 0;
  } catch (error) {
    process.stderr.write(`${toText(error)}\n`);
    return error instanceof DemoError ? error.exitCode : 1;
  }
}

/** Plays against a service that is found, or started and stopped. */
async function run(options: Options): Promise<number> {
  const { env } = process;
  const terminal = openTerminal(process.stdout, env);
  const interrupt = listenForInterrupt(process.stdout);
  process.once('exit', () => terminal.close());
  const service = await findOrStartService({
    url: options.url,
    port: readPort(env['PORT']),
    tell: (line) => terminal.print(line),
    signal: interrupt,
  });
  try {
    const { text, isRight } = await playAndCompare(options, { url: service.url, env, terminal, interrupt });
    terminal.close();
    terminal.print(text);
    return isRight ? 0 : 1;
  } finally {
    terminal.close();
    await service.stop();
  }
}

function readPort(text = ''): number {
  const port = Number(text.trim() || 3000);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new DemoError('PORT must be a whole number from 1 to 65535.', { exitCode: 2 });
}

function toText(error: unknown): string {
  if (error instanceof DemoError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

process.exitCode = await main(process.argv.slice(2));
