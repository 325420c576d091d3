INSERT INTO "leaderboards" ("id", "title") VALUES ('global', 'Global') ON CONFLICT DO NOTHING;
--> statement-breakpoint
-- Room on each page for the new versions of its rows: counts change often and never grow.
ALTER TABLE "score_counts" SET (fillfactor = 50);
--> statement-breakpoint
-- Undoes a statement that cannot know what a score was before it: the next attempt sees the row.
CREATE FUNCTION fail_unseen_score() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a score was made after the snapshot' USING ERRCODE = 'serialization_failure';
END
$$;
