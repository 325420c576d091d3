import { type Page, toPageView } from '../leaderboards/index.ts';

/** How long a client waits before it connects again after a stream that broke, in milliseconds. */
const RETRY_MS = 3000;
/** After a planned end, at random between these. */
const MIN_RETRY_MS = 1000;
const MAX_RETRY_MS = 5000;

/** Begins every stream. */
export const PREAMBLE = Buffer.from(`retry: ${RETRY_MS}\n\n`);

/** Keeps proxies from taking a quiet stream for a dead one; clients ignore it. */
export const KEEP_ALIVE = Buffer.from(': keep-alive\n\n');

/**
 * A whole visible page as one event of the event-stream format (WHATWG HTML, 9.2). JSON has no line breaks of its own,
 * whatever a name holds, so that the data is one line.
 */
export function toLeaderboardEvent(page: Page, version: number): Buffer {
  const { leaderboard_id, ...rest } = toPageView(page);
  const data = JSON.stringify({ leaderboard_id, version, ...rest });
  return Buffer.from(`id: ${version}\nevent: leaderboard\ndata: ${data}\n\n`);
}

/** Precedes a planned end. EventSource drops an event without data, and keeps the retry time for its next attempt. */
export function toClosingEvent(retryMs: number): Buffer {
  return Buffer.from(`event: closing\nretry: ${retryMs}\ndata: ${JSON.stringify({ retry_ms: retryMs })}\n\n`);
}

/** When a client is to come back after a planned end, so that all do not come at once. */
export function randomRetryMs(): number {
  return Math.round(MIN_RETRY_MS + Math.random() * (MAX_RETRY_MS - MIN_RETRY_MS));
}
