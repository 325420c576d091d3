import { pause } from './pause.ts';
import type { Answer, Lost, Refused } from './transport.ts';

const FIRST_PAUSE_MS = 200;
const MAX_PAUSE_MS = 5000;

/**
 * Sends a request again, later each time and never before Retry-After, while its answer is lost or rate_limited.
 * Gives the last answer back when `giveUp` is aborted.
 */
export async function untilAnswered<Body>(
  call: () => Promise<Answer<Body>>,
  giveUp: AbortSignal,
): Promise<Answer<Body>> {
  for (let attempt = 0; ; attempt += 1) {
    const answer = await call();
    if (!isUnanswered(answer) || giveUp.aborted) return answer;
    await pause(Math.max(answer.retryAfterMs, backoffMs(attempt)), giveUp);
    if (giveUp.aborted) return answer;
  }
}

/** Whether an answer says nothing about the request itself, so that the same one should be sent again. */
export function isUnanswered(answer: Answer<unknown>): answer is Lost | (Refused & { code: 'rate_limited' }) {
  return answer.kind === 'lost' || (answer.kind === 'refused' && answer.code === 'rate_limited');
}

/** Doubles up to 5 s; the random half keeps players who failed together from coming back together. */
function backoffMs(attempt: number): number {
  const ceiling = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt);
  return ceiling / 2 + (Math.random() * ceiling) / 2;
}
