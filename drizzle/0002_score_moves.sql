-- A place in a leaderboard's order as one exact number: higher for a higher score, and among equal scores for the
-- earlier time. 1e17 is more microseconds than any time has since 1970 until the year 5138.
CREATE FUNCTION rank_key(score bigint, reached_at timestamptz) RETURNS numeric LANGUAGE sql STABLE PARALLEL SAFE
RETURN score * 1e17 - extract(epoch FROM reached_at) * 1e6;
--> statement-breakpoint
-- Takes a shard of score_counts for this transaction alone: the first free one from a place of its own. It never waits
-- while it holds one, so writers cannot deadlock over counts, whatever order they count in.
CREATE FUNCTION lock_count_shard() RETURNS smallint LANGUAGE plpgsql AS $$
DECLARE
  lock_class CONSTANT integer := 1818325612;
  shards CONSTANT integer := 8;
  place integer := pg_backend_pid() % shards;
BEGIN
  FOR step IN 0 .. shards - 1 LOOP
    IF pg_try_advisory_xact_lock(lock_class, (place + step) % shards) THEN RETURN (place + step) % shards; END IF;
  END LOOP;
  PERFORM pg_advisory_xact_lock(lock_class, place);
  RETURN place;
END
$$;
--> statement-breakpoint
-- Counts in score_counts what a statement did to scores, whoever runs it, within its transaction. FOR SHARE reads the
-- newest bounds and keeps them until the commit: splitting a bucket locks the same row against it, so nobody counts by
-- bounds that are no longer there. A leaderboard that does not exist has none, and the null refuses its scores.
CREATE FUNCTION count_score_moves() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  boards text[];
  keys numeric[];
  signs integer[];
  own_shard smallint;
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT array_agg(leaderboard_id), array_agg(rank_key(total_score, score_first_reached_at)), array_agg(1)
    INTO boards, keys, signs FROM new_scores;
  ELSIF TG_OP = 'DELETE' THEN
    SELECT array_agg(leaderboard_id), array_agg(rank_key(total_score, score_first_reached_at)), array_agg(-1)
    INTO boards, keys, signs FROM old_scores;
  ELSE
    SELECT array_agg(leaderboard_id), array_agg(rank_key(total_score, score_first_reached_at)), array_agg(sign)
    INTO boards, keys, signs
    FROM (SELECT *, 1 AS sign FROM new_scores UNION ALL SELECT *, -1 FROM old_scores) AS moves;
  END IF;
  IF boards IS NULL THEN RETURN NULL; END IF;

  own_shard := lock_count_shard();
  WITH bounds AS MATERIALIZED (
    SELECT id AS leaderboard_id, rank_bounds FROM leaderboards
    WHERE id IN (SELECT unnest(boards)) ORDER BY id FOR SHARE
  ), moves AS (
    SELECT leaderboard_id, rank_bounds[width_bucket(key, rank_bounds)] AS lower, sign
    FROM unnest(boards, keys, signs) AS move (leaderboard_id, key, sign) LEFT JOIN bounds USING (leaderboard_id)
  )
  INSERT INTO score_counts AS c (leaderboard_id, lower, shard, players)
  SELECT leaderboard_id, lower, own_shard, sum(sign) FROM moves
  GROUP BY leaderboard_id, lower HAVING sum(sign) <> 0
  ON CONFLICT (leaderboard_id, lower, shard) DO UPDATE SET players = c.players + excluded.players;
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE FUNCTION forget_score_counts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM score_counts;
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER scores_inserted AFTER INSERT ON scores REFERENCING NEW TABLE AS new_scores
FOR EACH STATEMENT EXECUTE FUNCTION count_score_moves();
--> statement-breakpoint
CREATE TRIGGER scores_updated AFTER UPDATE ON scores REFERENCING OLD TABLE AS old_scores NEW TABLE AS new_scores
FOR EACH STATEMENT EXECUTE FUNCTION count_score_moves();
--> statement-breakpoint
CREATE TRIGGER scores_deleted AFTER DELETE ON scores REFERENCING OLD TABLE AS old_scores
FOR EACH STATEMENT EXECUTE FUNCTION count_score_moves();
--> statement-breakpoint
CREATE TRIGGER scores_truncated AFTER TRUNCATE ON scores
FOR EACH STATEMENT EXECUTE FUNCTION forget_score_counts();
