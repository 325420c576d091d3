import { sqlScore } from './players.ts';
import type { BenchPostgres } from './postgres.ts';

interface Checked {
  readonly database: string;
  readonly service: { readonly url: string };
  /** How many score updates were answered with 200, since fillPlayers. */
  readonly accepted: number;
}

interface PageBody {
  readonly total_players: number;
  readonly entries: readonly {
    readonly rank: number;
    readonly user_id: string;
    readonly total_score: number;
  }[];
}

const PAGE = 100;
/** Pages from the top, and as many in the middle. */
const PAGES = 5;

/** Throws when an update was lost or counted twice, or when the service tells another order than its scores have. */
export async function assertBoardExact(postgres: BenchPostgres, checked: Checked): Promise<void> {
  const { database, accepted } = checked;
  const [sums] = await postgres.query<{ players: number; events: number; spent: number; wrong: number }>(
    database,
    `SELECT count(*)::int AS players, (SELECT count(*) FROM score_events)::int AS events,
       (SELECT count(*) FROM consumed_actions)::int AS spent,
       (count(*) FILTER (WHERE s.total_score <> ${sqlScore('n')} + coalesce(e.applied, 0)
         OR s.version <> 1 + coalesce(e.events, 0)))::int AS wrong
     FROM scores s CROSS JOIN LATERAL (SELECT ('x' || right(s.user_id::text, 12))::bit(48)::bigint AS n) AS number
     LEFT JOIN (SELECT user_id, sum(applied_delta) AS applied, count(*) AS events FROM score_events GROUP BY 1) AS e
       USING (user_id)`,
  );
  if (sums?.events !== accepted || sums.spent !== accepted || sums.wrong !== 0)
    throw new Error(`${accepted} updates were acknowledged, and ${database} has ${JSON.stringify(sums)}`);
  const middle = Math.floor(sums.players / 2 / PAGE) * PAGE;
  for (let page = 0; page < PAGES; page += 1) {
    for (const offset of [page * PAGE, middle + page * PAGE])
      await assertPageExact(postgres, checked, offset);
  }
}

async function assertPageExact(
  postgres: BenchPostgres,
  { database, service }: Checked,
  offset: number,
): Promise<void> {
  const ordered = await postgres.query<{ user_id: string; total_score: string }>(
    database,
    `SELECT user_id, total_score FROM scores WHERE leaderboard_id = 'global'
     ORDER BY total_score DESC, score_first_reached_at, user_id DESC OFFSET ${offset} LIMIT ${PAGE}`,
  );
  const answer = await fetch(`${service.url}/v1/leaderboards/global?limit=${PAGE}&offset=${offset}`);
  const { entries } = (await answer.json()) as PageBody;
  const same = ordered.every((row, index) => {
    const entry = entries[index];
    return (
      entry?.rank === offset + index + 1 &&
      entry.user_id === row.user_id &&
      entry.total_score === Number(row.total_score)
    );
  });
  if (!same || entries.length !== ordered.length)
    throw new Error(`${database}: the page at ${offset} is not in the order of its scores`);
}
