import type { BoardChange, Page } from '../leaderboards/index.ts';
import { mayShow, withRise } from './visible-page.ts';

/** A change that was heard of. */
interface Heard {
  readonly change: BoardChange;
  /** When, by the clock of `performance.now()`. */
  readonly at: number;
  /** This process committed it, so that what it says is true. */
  readonly isOwn: boolean;
}

interface KeptPageOptions {
  /** Reads the best `limit` of the board, as of now. */
  readonly read: (limit: number) => Promise<Page>;
  /** Told when something that may show was heard of, and that the page was moved or has to be read. */
  readonly onVisible: (heardAt: number) => void;
}

/** Changes that came during a read; more of them are taken for a change of everything. */
const MAX_UNJUDGED = 1000;

/**
 * The best of one board as they were read last. Who rises by a commit of this process, and is shown already, is moved;
 * any other change that may show makes the page outdated, to be read again.
 *   current → outdated   something changed that only a read can tell
 *   any → reading        a read begins; what is heard of from here on is judged by its page
 *   reading → current    the page was read; outdated, when the read failed
 */
export class KeptPage {
  readonly #options: KeptPageOptions;
  #page: Page | undefined;
  /** How far down the page was read. */
  #limit = 0;
  #isOutdated = true;
  #isReading = false;
  /** By how much the source's clock is ahead of `performance.now()`, or somewhat less, as a read takes time. */
  #aheadMs = 0;
  #unjudged: Heard[] = [];

  constructor(options: KeptPageOptions) {
    this.#options = options;
  }

  get current(): Page | undefined {
    return this.#page;
  }

  get limit(): number {
    return this.#limit;
  }

  get isOutdated(): boolean {
    return this.#isOutdated;
  }

  get isReading(): boolean {
    return this.#isReading;
  }

  /** Whether the page holds the best `limit`, or all. */
  covers(limit: number): boolean {
    if (this.#page === undefined) return false;
    return this.#limit >= limit || this.#page.entries.length < this.#limit;
  }

  outdate(): void {
    this.#isOutdated = true;
  }

  note(heard: Heard): void {
    if (!this.#isReading) this.#judge([heard]);
    else if (this.#unjudged.length < MAX_UNJUDGED) this.#unjudged.push(heard);
    else this.#unjudged = [{ ...heard, change: { leaderboardId: heard.change.leaderboardId } }];
  }

  /** Rejects as reading does; the page stays as it was then. */
  async read(limit: number): Promise<void> {
    this.#isReading = true;
    this.#isOutdated = false;
    try {
      const page = await this.#options.read(limit);
      this.#page = page;
      this.#limit = limit;
      this.#aheadMs = page.readAt - performance.now();
    } catch (error) {
      this.#isOutdated = true;
      throw error;
    } finally {
      this.#isReading = false;
      this.#judge(this.#unjudged.splice(0));
    }
  }

  #judge(heard: readonly Heard[]): void {
    const visible: Heard[] = [];
    for (const one of heard) {
      if (!this.#mayShow(one.change)) continue;
      this.#take(one);
      visible.push(one);
    }
    const [first] = visible;
    if (first !== undefined) this.#options.onVisible(first.at);
  }

  #mayShow(change: BoardChange): boolean {
    return this.#page === undefined || mayShow(change, this.#page, this.#limit);
  }

  #take({ change, at, isOwn }: Heard): void {
    // A page that has to be read may miss what came before: a move would show a board that never was.
    const moved = isOwn && !this.#isOutdated && this.#page ? withRise(this.#page, change) : undefined;
    if (moved === undefined) this.#isOutdated = true;
    else this.#page = { ...moved, readAt: Math.max(moved.readAt, Math.floor(at + this.#aheadMs)) };
  }
}
