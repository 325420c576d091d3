import type { Observed } from './observed.ts';

/** What a fault cost. Everything after the server's return is told from that moment on. */
export interface FaultFigures {
  readonly answered: number;
  readonly unavailable: number;
  readonly slowestMs: number;
  readonly firstSuccessMs: number;
  /** Zero when nothing failed any more. */
  readonly lastFailureMs: number;
}

export function figuresOf(observed: readonly Observed[], returnedAt: number): FaultFigures {
  const answered = observed.filter(({ outcome }) => outcome === 'answered');
  const unavailable = observed.filter(({ outcome }) => outcome === 'unavailable');
  const afterReturn = ({ endedAt }: Observed) => endedAt - returnedAt;
  return {
    answered: answered.length,
    unavailable: unavailable.length,
    slowestMs: Math.max(...observed.map(({ beganAt, endedAt }) => endedAt - beganAt)),
    firstSuccessMs: Math.min(
      ...answered
        .filter(isScore)
        .map(afterReturn)
        .filter((ms) => ms >= 0),
    ),
    lastFailureMs: Math.max(0, ...unavailable.map(afterReturn)),
  };
}

function isScore({ what }: Observed): boolean {
  return what === 'score';
}

/** One line for the record, in whole milliseconds. */
export function toRecordLine(name: string, figures: FaultFigures): string {
  const rounded = Object.entries(figures).map(([key, value]) => `${key} ${Math.round(value as number)}`);
  return `${name}: ${rounded.join(', ')}\n`;
}
