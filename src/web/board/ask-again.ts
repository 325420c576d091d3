/** What an answer, or the lack of one, says about when to ask again. */
export interface Answered {
  /** Undefined when nothing came back. */
  readonly status: number | undefined;
  /** The value of a header; null without it. */
  readonly header: (name: string) => string | null;
}

const SHORTEST_MS = 3000;
const CAREFUL_MS = 20_000;
/** Below this share of the quota the page leaves the rest to others behind the same address. */
const SPARE_SHARE = 0.25;

/**
 * How long the page waits at least before it asks for the player's place again, however often the board moves. After a
 * failure, and while little of the quota is left, it asks seldom; `Retry-After` is heeded.
 * `random` (0 to 1) adds up to half, so that many pages do not ask together.
 */
export function askAgainMs({ status, header }: Answered, random: number): number {
  const retryAfterMs = toNumber(header('Retry-After')) * 1000;
  const isFailure = status === undefined || status === 429 || status >= 500;
  const waitMs = isFailure || isScarce(header) ? CAREFUL_MS : SHORTEST_MS;
  return Math.max(waitMs, retryAfterMs) * (1 + random / 2);
}

function isScarce(header: Answered['header']): boolean {
  const remaining = header('RateLimit-Remaining');
  return remaining !== null && toNumber(remaining) < toNumber(header('RateLimit-Limit')) * SPARE_SHARE;
}

function toNumber(text: string | null): number {
  const value = Number(text ?? 0);
  return Number.isFinite(value) ? value : 0;
}
