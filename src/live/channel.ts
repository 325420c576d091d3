import type { Page } from '../leaderboards/index.ts';
import { inSlices } from './in-slices.ts';
import type { Session, StreamEvent } from './session.ts';
import { firstEntries, showsTheSame } from './visible-page.ts';
import { KEEP_ALIVE, toLeaderboardEvent } from './wire-format.ts';

/** All who see the same page: the best `limit` of one board. */
export class Channel {
  readonly limit: number;
  readonly #sessions = new Set<Session>();
  readonly #behind = new Set<Session>();
  #page: Page | undefined;
  #event: StreamEvent | undefined;
  /** The page that the event has. */
  #shown: Page | undefined;
  /** A newer page of the board, for whoever is sent something next. */
  #newer: Page | undefined;
  /** The page was replaced while a round went on: some have it, some have not. */
  #isHalfSent = false;
  /** When something was last written to everybody, by the clock of `performance.now()`. */
  #wroteAt = performance.now();

  constructor(limit: number) {
    this.limit = limit;
  }

  get hasPage(): boolean {
    return this.#page !== undefined;
  }

  /** Sends the newest event, and every later one until `leave`. Only once a page was shown. */
  join(session: Session): void {
    this.#sessions.add(session);
    session.show(this.#newest());
    if (session.isBehind) this.#behind.add(session);
  }

  leave(session: Session): void {
    this.#sessions.delete(session);
    this.#behind.delete(session);
  }

  /** The newest event, for one who does not stay. */
  snapshot(): Buffer {
    return this.#newest().bytes;
  }

  /** Takes a newer page of the board; resolves with whether its entries differed, once everybody was sent them. */
  async show(newer: Page): Promise<boolean> {
    const page = firstEntries(newer, this.limit);
    const isKnown = this.#isKnown(page);
    const isSent = isKnown && !this.#isHalfSent;
    // Of one that is half sent the event stays, so that nobody is sent it twice.
    if (!isKnown || isSent) this.#page = page;
    this.#newer = undefined;
    this.#isHalfSent = false;
    if (isSent) return false;
    await this.#sendAll((session) => session.show(this.#newest()));
    return true;
  }

  /** Takes a newer page while `show` goes on: who was not reached yet is sent this one, all others by the next `show`. */
  showTheRest(newer: Page): void {
    this.#newer = newer;
  }

  /** Keeps quiet connections open, brings those up to date that were behind, and cuts those that stay behind. */
  async sweep({ keepAliveMs, writeDeadlineMs }: SweepOptions): Promise<void> {
    for (const session of this.#behind) {
      if (session.catchUp(this.#newest(), writeDeadlineMs)) session.cut();
      if (!session.isBehind) this.#behind.delete(session);
    }
    if (performance.now() - this.#wroteAt >= keepAliveMs)
      await this.#sendAll((session) => session.keepAlive(KEEP_ALIVE));
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Ends up to so many streams with a last event of their own; returns how many. */
  end(count: number, lastEvent: () => Buffer): number {
    const ending = [...this.#sessions].slice(0, count);
    for (const session of ending) {
      this.leave(session);
      session.end(lastEvent());
    }
    return ending.length;
  }

  #isKnown(page: Page): boolean {
    return this.#page !== undefined && showsTheSame(this.#page, page);
  }

  #takeNewer(): void {
    if (this.#newer === undefined) return;
    const page = firstEntries(this.#newer, this.limit);
    this.#newer = undefined;
    if (this.#isKnown(page)) return;
    this.#page = page;
    this.#isHalfSent = true;
  }

  async #sendAll(send: (session: Session) => void): Promise<void> {
    this.#wroteAt = performance.now();
    await inSlices(this.#sessions, (session) => {
      send(session);
      if (session.isBehind) this.#behind.add(session);
    });
  }

  /**
   * The version is when the page was read or last moved, so that it rises from process to process too. A page that was
   * read again and had not changed gets a later one, for those who come now: they may come from a process that has seen more.
   */
  #newest(): StreamEvent {
    this.#takeNewer();
    const page = this.#page;
    if (page === undefined) throw new Error('a channel was joined before it had a page');
    if (this.#event === undefined || this.#shown !== page) {
      const version = Math.max(page.readAt, (this.#event?.version ?? 0) + 1);
      this.#event = { version, bytes: toLeaderboardEvent(page, version) };
      this.#shown = page;
    }
    return this.#event;
  }
}

export interface SweepOptions {
  readonly keepAliveMs: number;
  readonly writeDeadlineMs: number;
}
