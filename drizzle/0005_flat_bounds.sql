-- As before, but the bounds of a board are unpacked once a statement: `|| '{}'` makes an array that is not compressed, and
-- width_bucket would unpack the column's own for each key, which took most of its time from a hundred buckets on.
CREATE OR REPLACE FUNCTION count_score_moves() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
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

  -- The shard first: who waits for one must hold no bounds, or it would meet a change of them in a circle.
  own_shard := lock_count_shard();
  PERFORM lock_rank_bounds(boards, to_change => false);
  WITH bounds AS MATERIALIZED (
    SELECT id AS leaderboard_id, rank_bounds || '{}'::numeric[] AS rank_bounds
    FROM leaderboards WHERE id IN (SELECT unnest(boards))
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
