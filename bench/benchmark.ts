import type { Lifetime } from './harness/lifetime.ts';
import type { Report } from './harness/report.ts';

export interface BenchmarkOptions {
  /** Small and short: shows that everything works; its figures mean little. */
  readonly quick: boolean;
  /** Beyond the default sizes, for as long as it takes; only some have such a size. */
  readonly large: boolean;
  /** Instead of the size's number of players. */
  readonly players?: number;
  /** Instead of the size's numbers of streams. */
  readonly streams?: readonly number[];
}

/** Measures one thing beside its yardstick. Throws when anything failed while it did: then there are no figures. */
export type Benchmark = (lifetime: Lifetime, options: BenchmarkOptions) => Promise<Report>;
