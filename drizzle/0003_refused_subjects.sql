CREATE TABLE "refused_subjects" (
	"subject_hash" text PRIMARY KEY NOT NULL,
	"refused_at" timestamp (6) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE INDEX "refused_subjects_refused_at_idx" ON "refused_subjects" USING btree ("refused_at");