import { randomBytes } from 'node:crypto';

import { createPasswordHasher, makeOperator, Password, promoteAccount } from '../auth/index.ts';
import type { Database } from '../db/index.ts';
import { Username } from '../users/index.ts';
import { type Command, type CommandContext, parseArgument, takeOne, UsageError } from './command.ts';
import { withDatabase } from './with-database.ts';

export const createAdmin: Command = {
  name: 'create-admin',
  synopsis: 'USERNAME [--existing | --password-stdin]',
  summary: 'Make a player an operator, or an account for one',
  details: `  --existing         only an account that is there already: none is made, and no password is shown
  --password-stdin   read the password of a new account from the first line of standard input

An account of that name becomes an operator's, within five seconds, and keeps its password. Without one an account is
made; unless its password is given, one is made up and shown this once. Passwords on a command line would be in the list
of processes and in the shell's history.`,
  options: { existing: { type: 'boolean' }, 'password-stdin': { type: 'boolean' } },
  run: async (input, context) => {
    const username = takeOne(input, 'USERNAME', Username);
    const isExisting = input.flags['existing'] === true;
    const isGiven = input.flags['password-stdin'] === true;
    if (isExisting && isGiven)
      throw new UsageError('--existing makes no account that --password-stdin is for');
    const given = isGiven ? await readPassword(context) : undefined;
    const password = given ?? randomBytes(18).toString('base64url');
    const promote = isExisting ? promoteExisting : makeOperatorOf(password);
    const { user, created } = await withDatabase(context, async (db) => await promote(db, username));
    const isShown = created && given === undefined;
    return {
      text: toText(user.username, { created, password: isShown ? password : undefined }),
      json: { user_id: user.id, username: user.username, created, ...(isShown && { password }) },
      isRight: true,
    };
  },
};

async function promoteExisting(db: Database, username: string) {
  return { user: await promoteAccount({ db }, username), created: false };
}

function makeOperatorOf(password: string) {
  return async (db: Database, username: string) =>
    await makeOperator({ db, passwords: createPasswordHasher() }, { username, password });
}

async function readPassword({ readStdin }: Pick<CommandContext, 'readStdin'>): Promise<string> {
  const [line = ''] = (await readStdin()).split(/\r?\n/);
  return parseArgument('the password', Password, line);
}

function toText(
  username: string,
  { created, password }: { created: boolean; password: string | undefined },
): string {
  if (!created) return `${username} is an operator now, and has the password as before.`;
  const made = `Made the operator ${username}.`;
  return password === undefined ? made : `${made} The password is shown this once:\n${password}`;
}
