import type { Clock } from '../clock.ts';
import { createEmfLines, toEmfLine } from './emf.ts';
import { createWindows } from './metrics-window.ts';
import type { Metrics } from './metrics.ts';

interface EmitterOptions {
  readonly metrics: Metrics;
  readonly clock: Clock;
  /** Takes whole lines, and mixes them with nothing. */
  readonly output: { write(line: string): unknown };
  readonly intervalMs?: number;
}

export interface Emitter {
  /** Writes what is left. */
  stop(): void;
}

const INTERVAL_MS = 10_000;

/**
 * Writes the metrics to the log, where CloudWatch finds them: every ten seconds, and what a verification of the ranking index
 * found at once, so that an alarm sees one that the next verification takes back.
 */
export function emitMetrics({ metrics, clock, output, intervalMs = INTERVAL_MS }: EmitterOptions): Emitter {
  const takeWindow = createWindows(metrics);
  const toEmfLines = createEmfLines();
  const write = (lines: readonly string[]) => void output.write(lines.map((line) => `${line}\n`).join(''));
  const flush = () => write(toEmfLines(takeWindow(), clock()));
  const timer = setInterval(flush, intervalMs).unref();
  metrics.leaderboardDrift.onRecorded((drifted) =>
    write([toEmfLine({ LeaderboardDrift: drifted }, clock())]),
  );
  return {
    stop: () => {
      clearInterval(timer);
      flush();
    },
  };
}
