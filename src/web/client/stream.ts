import { advance, type Connection, retryDelayMs, type Signal, unconnected } from '../board/connection.ts';
import type { Snapshot } from '../board/snapshot.ts';

/** What the stream sends: the whole visible page, as of `version`, milliseconds by the service's clock. */
export interface BoardEvent extends Snapshot {
  readonly version: number;
}

interface StreamOptions {
  readonly onSnapshot: (event: BoardEvent) => void;
  readonly onState: (state: Connection['state']) => void;
}

/** A background page may return soon; after this it gives its connection back until somebody looks again. */
const HIDDEN_MS = 60_000;

/**
 * How long nothing may come before the page asks anew: no script sees the comments that keep a stream open, so a quiet
 * one may be broken. Up to twice as long, at random: all who watch a board were sent its last change at once.
 */
const QUIET_MS = 45_000;

/** Follows a leaderboard for as long as the page lives, whatever happens to the connection. */
export function followStream(url: string, { onSnapshot, onState }: StreamOptions): void {
  let connection = unconnected;
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function apply(signal: Signal): void {
    const { state } = connection;
    connection = advance(connection, signal);
    if (connection.state !== state) onState(connection.state);
  }

  function open(): void {
    close();
    const opened = new EventSource(url);
    source = opened;
    openIn();
    opened.addEventListener('leaderboard', (event: MessageEvent<string>) => {
      openIn();
      apply('snapshot');
      onSnapshot(JSON.parse(event.data) as BoardEvent);
    });
    opened.addEventListener('closing', () => apply('closing'));
    opened.addEventListener('error', () => {
      if (opened.readyState !== EventSource.CLOSED) return apply('interrupted');
      apply('refused');
      openIn(retryDelayMs(connection.refusals, Math.random()));
    });
  }

  function openIn(delayMs = QUIET_MS * (1 + Math.random())): void {
    clearTimeout(timer);
    timer = setTimeout(open, delayMs);
  }

  function close(): void {
    clearTimeout(timer);
    source?.close();
  }

  function pause(): void {
    close();
    apply('paused');
  }

  function resume(): void {
    if (connection.state !== 'paused') return;
    apply('resumed');
    open();
  }

  let hiding: ReturnType<typeof setTimeout> | undefined;
  document.addEventListener('visibilitychange', () => {
    clearTimeout(hiding);
    if (document.hidden) hiding = setTimeout(pause, HIDDEN_MS);
    else resume();
  });
  // An open connection keeps a page out of the browser's back-forward cache.
  addEventListener('pagehide', pause);
  addEventListener('pageshow', resume);
  addEventListener('online', () => {
    if (connection.state === 'reconnecting') open();
  });
  open();
}
