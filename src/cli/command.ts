import type { ParseArgsConfig } from 'node:util';

import type { z } from 'zod';

import type { Config } from '../config.ts';
import type { Logger } from '../telemetry/log.ts';

export interface CommandContext {
  readonly config: Config;
  /** On standard error: standard output is the result's alone. */
  readonly log: Logger;
  readonly readStdin: () => Promise<string>;
}

interface CommandInput {
  readonly positionals: readonly string[];
  readonly flags: Readonly<Record<string, string | boolean | undefined>>;
}

export interface CommandResult {
  /** For people; ends without a line break. */
  readonly text: string;
  /** For programs, with the field names of the HTTP contract. */
  readonly json: object;
  /** Whether nothing was found that should not be there. */
  readonly isRight: boolean;
}

/** What an operator can ask for. It checks its input before it opens a store. */
export interface Command {
  readonly name: string;
  /** What follows the name on the command line. */
  readonly synopsis: string;
  readonly summary: string;
  /** Every line of the help behind the summary. */
  readonly details: string;
  readonly options: NonNullable<ParseArgsConfig['options']>;
  readonly run: (input: CommandInput, context: CommandContext) => Promise<CommandResult>;
}

/** A command line that nobody can carry out. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** Returns the only argument of a command. Throws a UsageError for none, for several, and for one that is not of `schema`. */
export function takeOne<Value>(
  { positionals }: Pick<CommandInput, 'positionals'>,
  name: string,
  schema: z.ZodType<Value>,
): Value {
  const [given, ...rest] = positionals;
  if (given === undefined) throw new UsageError(`${name} is missing`);
  assertNone(rest);
  return parseArgument(name, schema, given);
}

/** Throws a UsageError that names the first argument, if there is one. */
export function assertNone([first]: readonly string[]): void {
  if (first !== undefined) throw new UsageError(`"${first}" is one argument too many`);
}

/** Throws a UsageError that names the argument. */
export function parseArgument<Value>(name: string, schema: z.ZodType<Value>, given: unknown): Value {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new UsageError(`${name}: ${parsed.error.issues[0]?.message ?? 'is not valid'}`);
}
