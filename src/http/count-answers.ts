import type { Distribution } from '../telemetry/distribution.ts';
import type { Metrics } from '../telemetry/metrics.ts';

/** What the access log and the metrics know of a request. */
export interface Answered {
  readonly method: string;
  /** The pattern, and not the path. */
  readonly route: string;
  readonly status: number;
  /** From the arrival of its headers until the answer was made. */
  readonly durationMs: number;
}

type AnswerMetrics = Pick<Metrics, 'requests' | 'serverErrors' | 'rateLimited'>;

/**
 * Returns what counts an answer. `latencies` are those of routes, as in `POST /v1/scores`. An answer of 400 to 499 has none:
 * it says what the caller did wrong, and a flood of refusals would make slow answers look rare.
 */
export function countAnswers(
  { requests, serverErrors, rateLimited }: AnswerMetrics,
  latencies: Readonly<Record<string, Distribution>>,
): (answered: Answered) => void {
  const latencyOf = new Map(Object.entries(latencies));
  return ({ method, route, status, durationMs }) => {
    // A probe is told that a process is not ready, which is no failure.
    if (route.startsWith('/health/')) return;
    requests.add();
    if (status >= 500) serverErrors.add();
    if (status === 429) rateLimited.add();
    if (status < 400 || status >= 500) latencyOf.get(`${method} ${route}`)?.record(durationMs);
  };
}
