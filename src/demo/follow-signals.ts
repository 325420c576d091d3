import { setMaxListeners } from 'node:events';

/**
 * Returns a controller that is aborted with the first of `signals`. AbortSignal.any holds its sources weakly: in
 * Node 20 one with a timeout may be collected and never fire.
 */
export function followSignals(...signals: readonly AbortSignal[]): AbortController {
  const follower = new AbortController();
  // A listener for each pause: as many as there are players.
  setMaxListeners(0, follower.signal);
  for (const signal of signals) {
    if (signal.aborted) follower.abort(signal.reason);
    signal.addEventListener('abort', () => follower.abort(signal.reason), { once: true });
  }
  return follower;
}
