-- Whoever counts by the functions of before has committed when those of now are there.
LOCK TABLE scores IN SHARE ROW EXCLUSIVE MODE;
--> statement-breakpoint
-- Locks the bounds of a leaderboard's buckets until the transaction ends: shared by all who count by them, alone for who
-- changes them. An advisory lock, because it queues fairly and leaves no trace: a row that many lock FOR SHARE costs
-- each of them a multixact and a new version of its header, and they overtake whoever waits for it alone.
CREATE FUNCTION lock_rank_bounds(boards text[], to_change boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  -- Any number that no other advisory lock takes: "larb" in ASCII.
  lock_class CONSTANT integer := 1818325602;
BEGIN
  -- The bounds are read after the lock, and only here does the next statement see what was committed meanwhile.
  IF current_setting('transaction_isolation') IN ('repeatable read', 'serializable') THEN
    RAISE EXCEPTION 'scores cannot be changed in a % transaction', current_setting('transaction_isolation')
      USING ERRCODE = 'feature_not_supported', HINT = 'Use READ COMMITTED: its statements see the newest rank_bounds.';
  END IF;
  IF to_change THEN
    PERFORM pg_advisory_xact_lock(lock_class, lock)
    FROM (SELECT DISTINCT hashtext(board) AS lock FROM unnest(boards) AS board ORDER BY 1) AS in_order;
  ELSE
    PERFORM pg_advisory_xact_lock_shared(lock_class, lock)
    FROM (SELECT DISTINCT hashtext(board) AS lock FROM unnest(boards) AS board ORDER BY 1) AS in_order;
  END IF;
END
$$;
--> statement-breakpoint
-- Counts in score_counts what a statement did to scores, whoever runs it, within its transaction. The lock comes before
-- the statement that reads the bounds, whose snapshot is taken then, so nobody counts by bounds that are no longer there.
-- A leaderboard that does not exist has none, and the null refuses its scores.
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
    SELECT id AS leaderboard_id, rank_bounds FROM leaderboards WHERE id IN (SELECT unnest(boards))
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
-- pg_restore has an empty search_path.
ALTER FUNCTION forget_score_counts() SET search_path FROM CURRENT;
--> statement-breakpoint
-- Refuses to change bounds that writers may count by: for operators, and for processes of a version before this lock.
CREATE FUNCTION assert_rank_bounds_locked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND mode = 'ExclusiveLock' AND granted
      AND objsubid = 2 AND classid = 1818325602 AND objid::bigint = (hashtext(NEW.id)::bigint & 4294967295)
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  ) THEN
    RAISE EXCEPTION 'rank_bounds of % are not locked', NEW.id
      USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Call lock_rank_bounds(ARRAY[id], true) before.';
  END IF;
  RETURN NEW;
END
$$;
--> statement-breakpoint
CREATE TRIGGER rank_bounds_changed BEFORE UPDATE OF rank_bounds ON leaderboards FOR EACH ROW
WHEN (OLD.rank_bounds IS DISTINCT FROM NEW.rank_bounds) EXECUTE FUNCTION assert_rank_bounds_locked();
