import { randomBytes } from 'node:crypto';

import { createPasswordHasher, makeOperator, Password } from '../auth/index.ts';
import { Username } from '../users/index.ts';
import { type Command, type CommandContext, parseArgument, takeOne } from './command.ts';
import { withDatabase } from './with-database.ts';

export const createAdmin: Command = {
  name: 'create-admin',
  synopsis: 'USERNAME [--password-stdin]',
  summary: 'Make a player an operator, or an account for one',
  details: `  --password-stdin   read the password of a new account from the first line of standard input

An account of that name becomes an operator's, within five seconds, and keeps its password. Without one an account is
made; unless its password is given, one is made up and shown this once. Passwords on a command line would be in the list
of processes and in the shell's history.`,
  options: { 'password-stdin': { type: 'boolean' } },
  run: async (input, context) => {
    const username = takeOne(input, 'USERNAME', Username);
    const given = input.flags['password-stdin'] === true ? await readPassword(context) : undefined;
    const password = given ?? randomBytes(18).toString('base64url');
    const { user, created } = await withDatabase(
      context,
      async (db) => await makeOperator({ db, passwords: createPasswordHasher() }, { username, password }),
    );
    const isShown = created && given === undefined;
    return {
      text: toText(user.username, { created, password: isShown ? password : undefined }),
      json: { user_id: user.id, username: user.username, created, ...(isShown && { password }) },
      isRight: true,
    };
  },
};

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
