import type { Database, Statement } from '../../src/db/index.ts';
import { findIndexedTop } from '../../src/leaderboards/ranking-index/index.ts';
import type { ScriptRunner } from '../../src/redis/index.ts';
import type { EntryBody, PageBody } from './play.ts';
import type { TestProcess } from './process.ts';
import type { RedisServer } from './redis-server.ts';

interface Row {
  readonly userId: string;
  readonly username: string;
  readonly totalScore: number;
  readonly scoreFirstReachedAt: string;
  readonly version: number;
}

const ranked: Statement = {
  name: 'test_ranked_board',
  text: `
    SELECT u.id AS "userId", u.username, s.total_score AS "totalScore",
      s.score_first_reached_at AS "scoreFirstReachedAt", s.version
    FROM scores s JOIN users u ON u.id = s.user_id WHERE s.leaderboard_id = 'global'
    ORDER BY s.total_score DESC, s.score_first_reached_at, s.user_id DESC`,
};

/** The whole board as PostgreSQL has it, as the service would tell it. */
export async function boardOfPostgres(db: Database): Promise<EntryBody[]> {
  const rows = await db.run<Row>(ranked, []);
  return rows.map(({ userId, username, totalScore, scoreFirstReachedAt }, index) => ({
    rank: index + 1,
    user_id: userId,
    username,
    total_score: totalScore,
    score_first_reached_at: scoreFirstReachedAt,
  }));
}

export interface ServedBoard {
  /** Every store that answered a page. */
  readonly sources: readonly (string | null)[];
  readonly totalPlayers: readonly number[];
  readonly entries: readonly EntryBody[];
}

const PAGE = 100;

/** The whole board as a process serves it, page after page; consistent only while nobody scores. */
export async function boardOfService({ url }: Pick<TestProcess, 'url'>): Promise<ServedBoard> {
  const sources = new Set<string | null>();
  const totals = new Set<number>();
  const entries: EntryBody[] = [];
  let page: PageBody;
  do {
    const response = await fetch(`${url}/v1/leaderboards/global?limit=${PAGE}&offset=${entries.length}`);
    sources.add(response.headers.get('X-Leaderboard-Source'));
    page = (await response.json()) as PageBody;
    totals.add(page.total_players);
    entries.push(...page.entries);
  } while (page.entries.length === PAGE);
  return { sources: [...sources], totalPlayers: [...totals], entries };
}

/**
 * Whether the index has the order of PostgreSQL while scores go on: PostgreSQL is read before and after it, and
 * whoever did not score in between must be in the index with the same score, in the same order.
 */
export async function agrees(server: Pick<RedisServer, 'ask'>, db: Database): Promise<boolean> {
  const before = await db.run<Row>(ranked, []);
  const indexed = await findIndexedTop(runnerOf(server), 'global', 10_000);
  const after = await db.run<Row>(ranked, []);
  if (indexed === undefined || before.length === 0) return false;
  const versions = new Map(after.map(({ userId, version }) => [userId, version]));
  const still = before.filter(({ userId, version }) => versions.get(userId) === version);
  const known = new Set(still.map(({ userId }) => userId));
  const inIndex = indexed.scores.filter(({ userId }) => known.has(userId));
  const isBetween = indexed.totalPlayers >= before.length && indexed.totalPlayers <= after.length;
  return isBetween && JSON.stringify(inIndex.map(toLine)) === JSON.stringify(still.map(toLine));
}

/** Over a connection of its own each time, which no fault outlasts. */
function runnerOf({ ask }: Pick<RedisServer, 'ask'>): ScriptRunner {
  return {
    run: async ({ text }, keys, args) =>
      await ask('EVAL', text, String(keys.length), ...keys, ...args.map(String)),
  };
}

function toLine({ userId, totalScore, scoreFirstReachedAt, version }: Omit<Row, 'username'>): string {
  return `${userId} ${totalScore} ${scoreFirstReachedAt} ${version}`;
}
