import type { Metric } from './metric.ts';

export interface AlarmDefinition {
  readonly name: string;
  /** The heading in docs/operations.md that says what it means, what to look at and what to do. */
  readonly heading: string;
  /** What the expression is about, by the names that it uses. */
  readonly metrics: Readonly<Record<string, Metric>>;
  /** CloudWatch metric math. Without it there is one metric, of whose nodes the highest counts. */
  readonly expression?: string;
  readonly is: 'above' | 'below';
  readonly threshold: number;
  readonly periodSeconds: number;
  /** How many of the latest periods have to be bad. */
  readonly bad: { readonly periods: number; readonly of: number };
  /** What a period without data is; good unless said. */
  readonly missing?: 'bad';
  readonly scalesOut?: true;
}

export const ONE_PERIOD = { periods: 1, of: 1 };
