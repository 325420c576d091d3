import type { Database } from '../db/index.ts';
import { createLeaderboards, LeaderboardId, listLeaderboards } from '../leaderboards/index.ts';
import { type Audit, auditScores } from '../scores/index.ts';
import { assertNone, type Command, takeOne } from './command.ts';
import { withDatabase } from './with-database.ts';

interface BoardAudit extends Audit {
  readonly leaderboardId: string;
}

export const audit: Command = {
  name: 'audit',
  synopsis: 'BOARD | --all',
  summary: "Compare every player's total with the sum of the score events",
  details: `  --all   every leaderboard

Reads while scores go on changing, a thousand players at a time. Exits with 1 when a total is not the sum of its events,
and lists the first thousand such players of a leaderboard.`,
  options: { all: { type: 'boolean' } },
  run: async (input, context) => {
    const all = input.flags['all'] === true;
    if (all) assertNone(input.positionals);
    const board = all ? undefined : takeOne(input, 'BOARD, or --all', LeaderboardId);
    return await withDatabase(context, async (db) => {
      const leaderboards = createLeaderboards({ db, config: context.config });
      const boards =
        board === undefined ? (await listLeaderboards(leaderboards)).map(({ id }) => id) : [board];
      const audits: BoardAudit[] = [];
      for (const leaderboardId of boards)
        audits.push({ leaderboardId, ...(await auditBoard(db, leaderboardId)) });
      return {
        text: audits.map(toText).join('\n'),
        json: { leaderboards: audits.map(toView) },
        isRight: audits.every(({ mismatched }) => mismatched.length === 0),
      };
    });
  },
};

/** Nobody else audits in this process. */
async function auditBoard(db: Database, leaderboardId: string): Promise<Audit> {
  const scores = { db, audits: async <Result>(work: () => Promise<Result>) => await work() };
  return await auditScores(scores, leaderboardId, new AbortController().signal);
}

function toText({ leaderboardId, players, mismatched }: BoardAudit): string {
  const lines = mismatched.map(
    ({ userId, totalScore, eventsTotal }) => `  ${userId}: total ${totalScore}, events ${eventsTotal}`,
  );
  return [`${leaderboardId}: ${players} players, ${mismatched.length} of them wrong`, ...lines].join('\n');
}

function toView({ leaderboardId, players, mismatched }: BoardAudit): object {
  return {
    leaderboard_id: leaderboardId,
    players,
    mismatched: mismatched.map(({ userId, totalScore, eventsTotal }) => ({
      user_id: userId,
      total_score: totalScore,
      events_total: eventsTotal,
    })),
  };
}
