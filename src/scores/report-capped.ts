import { MAX_TOTAL_SCORE } from '../leaderboards/index.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Verdict } from './score.ts';

interface Telling {
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'scoresCapped'>;
}

/** Tells of a change that met the greatest total and was held there (EDGE-005). One that stopped at 0 is nobody's alarm. */
export function reportCapped(
  { log, metrics }: Telling,
  { userId, leaderboardId, scoreDelta, capped }: Verdict,
): void {
  if (!capped || scoreDelta <= 0) return;
  metrics.scoresCapped.add();
  log.warn({ user_id: userId, leaderboard_id: leaderboardId, max: MAX_TOTAL_SCORE }, 'score capped');
}
