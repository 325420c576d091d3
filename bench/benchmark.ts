import type { Lifetime } from './harness/lifetime.ts';
import type { Report } from './harness/report.ts';

interface BenchmarkOptions {
  /** Small and short: shows that everything works; its figures mean little. */
  readonly quick: boolean;
  /** Beyond the default sizes, for as long as it takes. */
  readonly large: boolean;
}

/** Measures one thing beside its yardstick. Throws when anything failed while it did: then there are no figures. */
export type Benchmark = (lifetime: Lifetime, options: BenchmarkOptions) => Promise<Report>;
