import { LeaderboardId, LeaderboardTitle, putLeaderboard } from '../leaderboards/index.ts';
import { type Command, parseArgument, takeOne, UsageError } from './command.ts';
import { withDatabase } from './with-database.ts';

export const createBoard: Command = {
  name: 'create-board',
  synopsis: 'ID --title TITLE',
  summary: 'Make a leaderboard, or change its title',
  details: `  --title TITLE   what players read, 1 to 100 characters

The id has 1 to 64 characters of a-z 0-9 -, and does not begin with -.`,
  options: { title: { type: 'string' } },
  run: async (input, context) => {
    const id = takeOne(input, 'ID', LeaderboardId);
    if (input.flags['title'] === undefined) throw new UsageError('--title is missing');
    const title = parseArgument('--title', LeaderboardTitle, input.flags['title']);
    // Whoever reads it first has its ranking index built.
    const { leaderboard, created } = await withDatabase(
      context,
      async (db) => await putLeaderboard({ db, rankings: undefined }, { id, title }),
    );
    return {
      text: created ? `Made the leaderboard ${id}.` : `The title of ${id} is "${title}" now.`,
      json: { leaderboard_id: id, title, created_at: leaderboard.createdAt, created },
      isRight: true,
    };
  },
};
