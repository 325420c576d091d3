import { sqlPlayerId, sqlScore } from './players.ts';
import type { BenchPostgres } from './postgres.ts';

/**
 * What the specification draws, as a careful engineer writes it down: the tables and the indexes that its queries need,
 * no histogram and no versions. Identifiers of actions come in order, as Laurel's do, which spares the index.
 */
const schema = (players: number) => `
  CREATE TABLE users (id uuid PRIMARY KEY, username text NOT NULL UNIQUE, created_at timestamptz NOT NULL DEFAULT now());
  CREATE TABLE scores (
    user_id uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    total_score bigint NOT NULL CHECK (total_score >= 0),
    score_first_reached_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
  );
  CREATE TABLE consumed_actions (
    action_id text PRIMARY KEY, user_id uuid NOT NULL, score_delta bigint NOT NULL, expires_at timestamptz NOT NULL
  );
  CREATE TABLE score_events (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    user_id uuid REFERENCES users ON DELETE SET NULL,
    action_id text NOT NULL,
    score_delta bigint NOT NULL,
    total_after bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE SEQUENCE action_numbers;
  INSERT INTO users SELECT ${sqlPlayerId('n')}, 'player-' || n FROM generate_series(1, ${players}) AS n;
  INSERT INTO scores
  SELECT ${sqlPlayerId('n')}, ${sqlScore('n')}, timestamptz '2026-01-01' + n * interval '1 second',
    timestamptz '2026-01-01' + n * interval '1 second'
  FROM generate_series(1, ${players}) AS n;
  CREATE INDEX ON scores (total_score DESC, score_first_reached_at);
  CREATE INDEX ON consumed_actions (expires_at);
  CREATE INDEX ON score_events (user_id, id)`;

/** One score update as the specification describes it: EDGE-001, EDGE-002 and EDGE-006 in one transaction. */
export const textbookTransaction = `
\\set n random(1, :players)
\\set delta random(1, 100)
BEGIN;
INSERT INTO consumed_actions (action_id, user_id, score_delta, expires_at)
  VALUES (lpad(nextval('action_numbers')::text, 36, '0'), ${sqlPlayerId(':n')}, :delta::bigint, now() + interval '5 minutes')
  RETURNING action_id \\gset
SELECT total_score + :delta::bigint AS total FROM scores WHERE user_id = ${sqlPlayerId(':n')} FOR UPDATE \\gset
UPDATE scores SET total_score = :total::bigint, score_first_reached_at = now(), updated_at = now()
  WHERE user_id = ${sqlPlayerId(':n')};
INSERT INTO score_events (user_id, action_id, score_delta, total_after)
  VALUES (${sqlPlayerId(':n')}, :action_id::text, :delta::bigint, :total::bigint);
COMMIT;
`;

/** Makes the textbook's database with the players and the scores that Laurel's have. */
export async function createTextbookDatabase(
  postgres: BenchPostgres,
  name: string,
  players: number,
): Promise<void> {
  await postgres.createDatabase(name);
  await postgres.query(name, schema(players));
  await postgres.query(name, 'VACUUM ANALYZE');
}
