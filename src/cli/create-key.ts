import { ApiKeyName, ApiKeyRole, createApiKey } from '../auth/index.ts';
import { type Command, parseArgument, takeOne, UsageError } from './command.ts';
import { withDatabase } from './with-database.ts';

export const createKey: Command = {
  name: 'create-key',
  synopsis: 'NAME --role game_service|admin',
  summary: 'Make an API key, which is shown this once',
  details: `  --role game_service   registers actions
  --role admin          operates

The name is for people, and need not be unique.`,
  options: { role: { type: 'string' } },
  run: async (input, context) => {
    const name = takeOne(input, 'NAME', ApiKeyName);
    if (input.flags['role'] === undefined) throw new UsageError('--role is missing');
    const role = parseArgument('--role', ApiKeyRole, input.flags['role']);
    const { id, apiKey } = await withDatabase(
      context,
      async (db) => await createApiKey({ db }, { name, role }),
    );
    return {
      text: `Made the API key ${id} (${role}), which is shown this once:\n${apiKey}`,
      json: { api_key_id: id, api_key: apiKey },
      isRight: true,
    };
  },
};
