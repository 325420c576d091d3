import { parseArgs } from 'node:util';

import { audit } from './audit.ts';
import { type Command, type CommandContext, type CommandResult, UsageError } from './command.ts';
import { createAdmin } from './create-admin.ts';
import { createBoard } from './create-board.ts';
import { createKey } from './create-key.ts';
import { toCommandHelp, toHelp } from './help.ts';
import { migrate } from './migrate.ts';
import { sync } from './sync.ts';

const commands: readonly Command[] = [migrate, sync, audit, createKey, createAdmin, createBoard];

interface Outcome {
  readonly output: string;
  readonly isRight: boolean;
}

/** Carries out a command line; `toContext` is called when a store is needed. Throws a UsageError. */
export async function runCommand(
  [name, ...args]: readonly string[],
  toContext: () => CommandContext,
): Promise<Outcome> {
  if (name === '--help' || name === '-h' || name === 'help')
    return { output: toHelp(commands), isRight: true };
  const command = commands.find((candidate) => candidate.name === name);
  if (command === undefined)
    throw new UsageError(name === undefined ? 'which command?' : `there is no command "${name}"`);
  const { positionals, flags } = readArguments(command, args);
  if (flags['help'] === true) return { output: toCommandHelp(command), isRight: true };
  const result = await command.run({ positionals, flags }, toContext());
  return { output: toOutput(result, flags['json'] === true), isRight: result.isRight };
}

function toOutput({ text, json }: CommandResult, asJson: boolean): string {
  return `${asJson ? JSON.stringify(json) : text}\n`;
}

function readArguments({ options }: Command, args: readonly string[]) {
  try {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { ...options, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
    return { positionals, flags: values as Record<string, string | boolean | undefined> };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
