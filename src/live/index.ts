/**
 * Leaderboards as they move: streams of server-sent events, one event for each change of what is visible.
 *
 * A hub is one board as this process sees it, a channel all who see the same page of it, a session one client. An event
 * is the whole page, so that only the newest matters: nothing is queued for anybody, and a client that is behind skips
 * to it. Versions rise within a stream. What other processes tell of a change is a hint: each hub reads its board again
 * every 2 s, and sends it when it differs.
 */
export { openBus } from './bus/open-bus.ts';
export { liveHandlers } from './handlers.ts';
export { createLive, type Live } from './live.ts';
