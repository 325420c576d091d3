import { describe, expect, it } from 'vitest';

import { UsageError } from './command.ts';
import { runCommand } from './run-command.ts';

/** Nothing here gets as far as a store. */
const noContext = () => {
  throw new Error('a store was asked for');
};

describe('a command line', () => {
  it.each([
    ['--help', ['--help'], 'create-board'],
    ['help', ['help'], 'create-board'],
    ['sync --help', ['sync', '--help'], '--mode rebuild'],
    ['audit -h', ['audit', '-h'], '--all'],
  ])('is explained by %s', async (_, args, text) => {
    const { output, isRight } = await runCommand(args, noContext);
    expect(isRight).toBe(true);
    expect(output).toContain('Exit codes:');
    expect(output).toContain(text);
  });

  it.each([
    ['no command', [], 'which command?'],
    ['an unknown command', ['drop'], 'there is no command "drop"'],
    ['an unknown flag', ['migrate', '--force'], "Unknown option '--force'"],
    ['a flag without its value', ['create-board', 'weekly', '--title'], 'argument missing'],
  ])('is refused with %s', async (_, args, text) => {
    await expect(runCommand(args, noContext)).rejects.toThrow(UsageError);
    await expect(runCommand(args, noContext)).rejects.toThrow(text);
  });

  const context = () => ({ config: {}, log: {}, readStdin: async () => 'short' }) as never;

  it.each([
    ['an argument too many', ['migrate', 'now'], '"now" is one argument too many'],
    ['all boards and one', ['audit', 'global', '--all'], '"global" is one argument too many'],
    ['no board', ['sync'], 'BOARD is missing'],
    ['a board that cannot be', ['audit', 'Global'], 'must have 1 to 64 characters'],
    ['an unknown mode', ['sync', 'global', '--mode', 'repair'], 'must be verify or rebuild'],
    ['no name', ['create-key', ' ', '--role', 'admin'], 'must not be empty'],
    ['no role', ['create-key', 'match server'], '--role is missing'],
    ['an unknown role', ['create-key', 'match server', '--role', 'player'], '--role: '],
    ['no title', ['create-board', 'weekly'], '--title is missing'],
    ['a short name', ['create-admin', 'k'], 'must have at least 3 characters'],
    [
      'a password for no account',
      ['create-admin', 'kim', '--existing', '--password-stdin'],
      '--existing makes no account',
    ],
    ['a short password', ['create-admin', 'kim', '--password-stdin'], 'the password: must have at least 8'],
  ])('is refused, before a store is opened, with %s', async (_, args, text) => {
    await expect(runCommand(args, context)).rejects.toThrow(UsageError);
    await expect(runCommand(args, context)).rejects.toThrow(text);
  });
});
