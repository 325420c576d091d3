import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';

/** The query builder, the same for both stores; a transaction is one too. Database opens those. */
type Orm = Omit<PgDatabase<PgQueryResultHKT>, 'transaction'>;

/** A hand-written statement. PostgreSQL plans it once for each connection under its name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** Where statements run: each in a transaction of its own, or all of them inside one. */
export interface Queries {
  readonly orm: Orm;
  run<Row>(statement: Statement, values: readonly unknown[]): Promise<Row[]>;
}

/** PostgreSQL, on a server or embedded. Times are read as Instants and bigints as numbers, in both. */
export interface Database extends Queries {
  readonly store: 'postgres' | 'embedded';
  /** How many statements wait for a connection. */
  countWaiting(): number;
  /** Commits what `work` did when it resolves, and undoes it when it rejects. */
  transaction<Result>(work: (queries: Queries) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}
