import { atEndOfTurn } from '../end-of-turn.ts';
import type { BoardChange, Page } from '../leaderboards/index.ts';
import type { Logger } from '../telemetry/log.ts';
import { Channel, type SweepOptions } from './channel.ts';
import { endsWithin } from './ends-within.ts';
import { KeptPage } from './kept-page.ts';

export interface HubOptions {
  /** Reads the best `limit` of the board, as of now. */
  readonly read: (limit: number) => Promise<Page>;
  /** Between the beginnings of two rounds of sending, at least. */
  readonly intervalMs: number;
  /** Told how long it took from hearing of a change until a round that had it from its beginning was over. */
  readonly onBroadcast: (latencyMs: number) => void;
  readonly log: Logger;
}

/** Into how many parts an interval is cut, at each of which a round of sending that takes long may read the board anew. */
const READS_PER_INTERVAL = 4;

/**
 * One board as all streams of this process see it: one page for everybody, as far down as the longest goes, and rounds
 * in which it is sent.
 *   idle → waiting   a change may show, and the last round began less than an interval ago
 *   waiting → busy   the interval is over; at the end of the turn when it was over before
 *   busy → idle      the page was read where it had to be, and every channel has sent it; or the read failed
 * Ten thousand streams take longer to send to than an interval. What changes meanwhile is shown to those that were not
 * reached yet, and to all others in the next round: nobody waits longer than one such round, and a read, for a change.
 */
export class Hub {
  readonly #options: HubOptions;
  readonly #channels = new Map<number, { readonly channel: Channel; holders: number }>();
  readonly #kept: KeptPage;
  /** The page that the last round began with. */
  #sent: Page | undefined;
  #roundBeganAt = -Infinity;
  /** The round under way, and how far down its page goes. */
  #busy: { readonly limit: number; readonly over: Promise<void> } | undefined;
  #isWanted = false;
  #timer: NodeJS.Timeout | undefined;
  #isFailing = false;
  /** When the first change was heard of that no round has had from its beginning. */
  #heardAt: number | undefined;
  /** Something that may show was heard of since the last round began. */
  #wasHeard = false;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#kept = new KeptPage({ read: options.read, onVisible: (heardAt) => this.#onVisible(heardAt) });
  }

  get isEmpty(): boolean {
    return this.#channels.size === 0;
  }

  /** Keeps a page of the board up to date until it was released as often as it was held. */
  hold(limit: number): Channel {
    const held = this.#channels.get(limit) ?? { channel: new Channel(limit), holders: 0 };
    this.#channels.set(limit, held);
    held.holders += 1;
    return held.channel;
  }

  release({ limit }: Channel): void {
    const held = this.#channels.get(limit);
    if (held === undefined) return;
    held.holders -= 1;
    if (held.holders === 0) this.#channels.delete(limit);
    if (this.isEmpty) this.#unwant();
  }

  /** Resolves when the channel has a page. Rejects as reading does. */
  async ready(channel: Channel): Promise<void> {
    while (!this.#kept.covers(channel.limit)) await this.#nextRead(channel.limit);
    const page = this.#kept.current;
    if (page !== undefined && !channel.hasPage) await channel.show(page);
  }

  /** Takes a change that another process tells of. What it says is not shown: only a read is. */
  hear(change: BoardChange): void {
    this.#kept.note({ change, at: performance.now(), isOwn: false });
  }

  /** Takes a change that this process committed. */
  learn(change: BoardChange): void {
    this.#kept.note({ change, at: performance.now(), isOwn: true });
  }

  /**
   * Reads the board again, as a change that nobody told of may show; resolves when everybody was sent it, or at once when
   * a round is under way, which reads it then or has just begun to. Never rejects: what cannot be read now is read the
   * next time.
   */
  async reread(): Promise<void> {
    if (this.#kept.isReading) return;
    this.#kept.outdate();
    await this.#beginRound();
  }

  channels(): Channel[] {
    return [...this.#channels.values()].map(({ channel }) => channel);
  }

  async sweep(options: SweepOptions): Promise<void> {
    for (const channel of this.channels()) await channel.sweep(options);
  }

  #onVisible(heardAt: number): void {
    this.#heardAt ??= heardAt;
    this.#wasHeard = true;
    if (this.#busy === undefined) this.#want();
    else this.#showTheRest();
  }

  /** Shares the round under way, and its failure, unless that one is for shorter pages: its failure is somebody else's. */
  async #nextRead(limit: number): Promise<void> {
    if (this.#busy === undefined) {
      this.#kept.outdate();
      return await this.#round();
    }
    if (this.#busy.limit >= limit) return await this.#busy.over;
    await this.#busy.over.catch(() => {});
  }

  #want(): void {
    if (this.#isWanted || this.isEmpty) return;
    this.#isWanted = true;
    const begin = () => {
      if (this.#isWanted) void this.#beginRound();
    };
    const waitMs = this.#roundBeganAt + this.#options.intervalMs - performance.now();
    if (waitMs > 0) this.#timer = setTimeout(begin, waitMs).unref();
    else atEndOfTurn(begin);
  }

  #unwant(): void {
    clearTimeout(this.#timer);
    this.#isWanted = false;
  }

  /** Never rejects. */
  async #beginRound(): Promise<void> {
    if (this.#busy !== undefined || this.isEmpty) return;
    await this.#round().then(
      () => (this.#isFailing = false),
      (err: unknown) => this.#tellFailure(err),
    );
  }

  async #round(): Promise<void> {
    this.#unwant();
    this.#roundBeganAt = performance.now();
    this.#wasHeard = false;
    const limit = this.#kept.isOutdated ? this.#longest() : this.#kept.limit;
    const over = this.#readAndShow();
    this.#busy = { limit, over };
    let isSent = false;
    try {
      await over;
      isSent = true;
    } finally {
      this.#busy = undefined;
      const isUnsent = this.#kept.current !== this.#sent || this.#kept.isOutdated;
      // What failed is tried again when more is heard of, or with the next look at the board.
      if (isSent ? isUnsent : this.#wasHeard) this.#want();
    }
  }

  async #readAndShow(): Promise<void> {
    const heardAt = this.#kept.isOutdated ? await this.#readHeard() : this.#takeHeardAt();
    const page = this.#kept.current;
    if (page === undefined) throw new Error('a round began without a page');
    this.#sent = page;
    const round = Promise.all(this.#covered().map(async (channel) => await channel.show(page)));
    await this.#freshen(round);
    const shown = await round;
    if (heardAt !== undefined && shown.includes(true)) {
      this.#options.onBroadcast(performance.now() - heardAt);
    }
  }

  /** Reads the board for a round; returns when the first change was heard of that its page has. */
  async #readHeard(): Promise<number | undefined> {
    const before = this.#takeHeardAt();
    try {
      await this.#read();
    } catch (error) {
      this.#heardAt = before ?? this.#heardAt;
      throw error;
    }
    if (this.#kept.isOutdated) return before;
    const during = this.#takeHeardAt();
    return before ?? during;
  }

  #takeHeardAt(): number | undefined {
    const heardAt = this.#heardAt;
    this.#heardAt = undefined;
    return heardAt;
  }

  /** Reads what only a read can tell while a round goes on; after a failure no more until it is over. */
  async #freshen(round: Promise<unknown>): Promise<void> {
    const partMs = this.#options.intervalMs / READS_PER_INTERVAL;
    while (!(await endsWithin(round, partMs))) {
      if (!this.#kept.isOutdated) continue;
      const isRead = await this.#read().then(
        () => true,
        () => false,
      );
      if (!isRead) return;
      this.#showTheRest();
    }
  }

  async #read(): Promise<void> {
    await this.#kept.read(this.#longest());
    // A longer one that came meanwhile began with the page before.
    if (this.#covered().length < this.#channels.size) this.#kept.outdate();
  }

  #showTheRest(): void {
    const page = this.#kept.current;
    if (page === undefined) return;
    for (const channel of this.#covered()) channel.showTheRest(page);
  }

  #covered(): Channel[] {
    return this.channels().filter(({ limit }) => this.#kept.covers(limit));
  }

  #longest(): number {
    return Math.max(1, ...this.#channels.keys());
  }

  /** Once, however long it lasts. */
  #tellFailure(err: unknown): void {
    if (!this.#isFailing) this.#options.log.warn({ err }, 'a live leaderboard could not be read');
    this.#isFailing = true;
  }
}
