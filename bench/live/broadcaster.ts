import type { ProcessUsage } from '../harness/process-usage.ts';

export interface Broadcast {
  /** When it was committed or, where nothing is, when it was about to be published: milliseconds since 1970. */
  readonly committedAt: number;
  /** Of the first event that shows it. */
  readonly id: string;
}

/** A score that was stored. */
export interface Update {
  readonly committedAt: number;
  readonly userId: string;
  /** What the player had then; more shows it too. */
  readonly total: number;
}

/** A server that sends the same events to all of its streams. */
export interface Broadcaster {
  readonly name: string;
  readonly port: number;
  /** Of the stream. */
  readonly path: string;
  /** Has an event sent to everybody. */
  broadcast(): Promise<Broadcast>;
  usage(): ProcessUsage;
  /** Gives up what memory nothing needs, where somebody has to ask for it. */
  collectGarbage(): void;
}
