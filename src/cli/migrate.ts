import { migrateDatabase } from '../db/index.ts';
import { assertNone, type Command } from './command.ts';

export const migrate: Command = {
  name: 'migrate',
  synopsis: '',
  summary: "Bring the database's schema up to date",
  details: `Applies what is missing, and says what that was. Doing it again changes nothing. Processes that migrate at the
same time take turns. One run for each deployment, before the new version serves, is enough.`,
  options: {},
  run: async ({ positionals }, { config }) => {
    assertNone(positionals);
    const applied = await migrateDatabase(config.database);
    const text = applied.length === 0 ? 'The schema is up to date.' : `Applied ${applied.join(', ')}.`;
    return { text, json: { applied }, isRight: true };
  },
};
