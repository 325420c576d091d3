#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';

import { ConfigError, readConfig, toSecrets } from '../config.ts';
import { DataDirectoryError, isDatabaseUnavailable, SchemaBehindError } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { createLogger, openOutput } from '../telemetry/log.ts';
import { type CommandContext, UsageError } from './command.ts';
import { runCommand } from './run-command.ts';

/** The configuration of the service. No command signs anything, so secrets that are missing are not made up. */
function createContext(): CommandContext {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const config = readConfig(process.env, () => toSecrets(() => []));
  const log = createLogger('warn', openOutput(2));
  return { config, log, readStdin: async () => await text(process.stdin) };
}

/** Resolves with the exit code: see help.ts. */
async function main(args: readonly string[]): Promise<number> {
  try {
    const { output, isRight } = await runCommand(args, createContext);
    process.stdout.write(output);
    return isRight ? 0 : 1;
  } catch (error) {
    process.stderr.write(`laurel: ${toText(error)}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

/** A reason that the operator can mend is told without a stack. */
function toText(error: unknown): string {
  if (error instanceof UsageError) return `${error.message}. laurel --help lists the commands.`;
  const explained = [AppError, ConfigError, DataDirectoryError, SchemaBehindError];
  if (explained.some((kind) => error instanceof kind)) return (error as Error).message;
  // What wraps the cause has the values of the statement in its message, hashes of secrets among them.
  const cause = rootOf(error);
  if (!(cause instanceof Error)) return String(cause);
  if (isDatabaseUnavailable(error)) return `the database did not answer: ${cause.message}`;
  return cause.stack ?? cause.message;
}

function rootOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? rootOf(error.cause) : error;
}

process.exitCode = await main(process.argv.slice(2));
