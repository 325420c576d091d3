import { setTimeout as pause } from 'node:timers/promises';

import { atEndOfTurn } from '../end-of-turn.ts';
import type { BoardChange, Page } from '../leaderboards/index.ts';
import type { Logger } from '../telemetry/log.ts';
import { Channel, type SweepOptions } from './channel.ts';
import { mayShow, withRise } from './visible-page.ts';

export interface HubOptions {
  /** Reads the best `limit` of the board, as of now. */
  readonly read: (limit: number) => Promise<Page>;
  /** Between the beginnings of two rounds of sending, at least. */
  readonly intervalMs: number;
  /** Told how long it took from hearing of a change until a round that had it from its beginning was over. */
  readonly onBroadcast: (latencyMs: number) => void;
  readonly log: Logger;
}

interface Heard {
  readonly change: BoardChange;
  readonly at: number;
}

/** Changes that came during a read; more of them are taken for a change of everything. */
const MAX_UNJUDGED = 1000;
/** Into how many parts an interval is cut, at each of which a round of sending that takes long may read the board anew. */
const READS_PER_INTERVAL = 4;

/**
 * One board as all streams of this process see it. Who rises and is shown already is moved in the page that was read
 * last; for any other change that may show the board is read again, one read at a time and for everybody, as far down as
 * the longest page goes.
 *   idle → waiting   a change may show, and the last round began less than an interval ago
 *   waiting → busy   the interval is over; at once when it was over before
 *   busy → idle      the page was read where it had to be, and every channel has sent it; or the read failed
 * Ten thousand streams take longer to send to than an interval. What changes meanwhile is shown to those that were not
 * reached yet, and to all others in the next round: nobody waits longer than one such round for a change.
 */
export class Hub {
  readonly #options: HubOptions;
  readonly #channels = new Map<number, { readonly channel: Channel; holders: number }>();
  #page: Page | undefined;
  /** The page that the last round began with. */
  #sent: Page | undefined;
  /** How far down the page was read. */
  #readLimit = 0;
  /** What only a read can tell may have changed since the page was read. */
  #isOutdated = true;
  #isReading = false;
  /** By how much the source's clock is ahead of `performance.now()`, or somewhat less, as a read takes time. */
  #aheadMs = 0;
  #roundBeganAt = -Infinity;
  /** The round under way, and how far down its page goes. */
  #busy: { readonly limit: number; readonly over: Promise<void> } | undefined;
  #isWanted = false;
  #timer: NodeJS.Timeout | undefined;
  #unjudged: Heard[] = [];
  #isFailing = false;
  /** When the first change was heard of that no round has had from its beginning. */
  #heardAt: number | undefined;

  constructor(options: HubOptions) {
    this.#options = options;
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
    while (!this.#covers(channel.limit)) await this.#nextRead(channel.limit);
    if (this.#page !== undefined && !channel.hasPage) await channel.show(this.#page);
  }

  hear(change: BoardChange): void {
    const heard = { change, at: performance.now() };
    if (!this.#isReading) this.#judge([heard]);
    else if (this.#unjudged.length < MAX_UNJUDGED) this.#unjudged.push(heard);
    else this.#unjudged = [{ ...heard, change: { leaderboardId: change.leaderboardId } }];
  }

  /**
   * Reads the board again, as a change that nobody told of may show; resolves when everybody was sent it, or at once when
   * a round is under way, which reads it then. Never rejects: what cannot be read now is read the next time.
   */
  async reread(): Promise<void> {
    if (this.#isReading) return;
    this.#isOutdated = true;
    await this.#beginRound();
  }

  channels(): Channel[] {
    return [...this.#channels.values()].map(({ channel }) => channel);
  }

  async sweep(options: SweepOptions): Promise<void> {
    for (const channel of this.channels()) await channel.sweep(options);
  }

  #covers(limit: number): boolean {
    if (this.#page === undefined) return false;
    return this.#readLimit >= limit || this.#page.entries.length < this.#readLimit;
  }

  /** Shares the round under way, and its failure, unless that one is for shorter pages: its failure is somebody else's. */
  async #nextRead(limit: number): Promise<void> {
    if (this.#busy === undefined) {
      this.#isOutdated = true;
      return await this.#round();
    }
    if (this.#busy.limit >= limit) return await this.#busy.over;
    await this.#busy.over.catch(() => {});
  }

  #judge(heard: readonly Heard[]): void {
    const visible = heard.filter((one) => this.#take(one));
    if (visible.length === 0) return;
    if (this.#busy === undefined) this.#want();
    else this.#showTheRest();
  }

  /** Moves the page, or has it read again; false for a change that does not show. */
  #take({ change, at }: Heard): boolean {
    const page = this.#page;
    if (page !== undefined && !mayShow(change, page, this.#readLimit)) return false;
    const moved = page && withRise(page, change);
    if (moved === undefined) this.#isOutdated = true;
    else this.#page = { ...moved, readAt: Math.floor(at + this.#aheadMs) };
    this.#heardAt ??= at;
    return true;
  }

  #showTheRest(): void {
    const page = this.#page;
    if (page === undefined) return;
    for (const { channel } of this.#channels.values()) channel.showTheRest(page);
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
    const limit = this.#isOutdated ? Math.max(...this.#channels.keys()) : this.#readLimit;
    const over = this.#readAndShow(limit);
    this.#busy = { limit, over };
    let isSent = false;
    try {
      await over;
      isSent = true;
    } finally {
      this.#busy = undefined;
      if (this.#page !== this.#sent || (isSent && this.#isOutdated)) this.#want();
    }
  }

  async #readAndShow(limit: number): Promise<void> {
    const heardAt = this.#isOutdated ? await this.#readHeard(limit) : this.#takeHeardAt();
    const page = this.#page;
    if (page === undefined) throw new Error('a round began without a page');
    this.#sent = page;
    const channels = this.channels().filter((channel) => this.#covers(channel.limit));
    const round = Promise.all(channels.map(async (channel) => await channel.show(page)));
    await this.#freshen(round, limit);
    const shown = await round;
    if (heardAt !== undefined && shown.includes(true)) {
      this.#options.onBroadcast(performance.now() - heardAt);
    }
  }

  /** Reads the board for a round; returns when the first change was heard of that its page has. */
  async #readHeard(limit: number): Promise<number | undefined> {
    const before = this.#takeHeardAt();
    try {
      await this.#read(limit);
    } catch (error) {
      this.#heardAt = before ?? this.#heardAt;
      throw error;
    }
    if (this.#isOutdated) return before;
    const during = this.#takeHeardAt();
    return before ?? during;
  }

  #takeHeardAt(): number | undefined {
    const heardAt = this.#heardAt;
    this.#heardAt = undefined;
    return heardAt;
  }

  /** Reads what only a read can tell while a round goes on; what cannot be read now is read after it. */
  async #freshen(round: Promise<unknown>, limit: number): Promise<void> {
    const partMs = this.#options.intervalMs / READS_PER_INTERVAL;
    while (!(await endsWithin(round, partMs))) {
      if (!this.#isOutdated) continue;
      await this.#read(limit).then(
        () => this.#showTheRest(),
        () => {},
      );
    }
  }

  async #read(limit: number): Promise<void> {
    this.#isReading = true;
    this.#isOutdated = false;
    try {
      const page = await this.#options.read(limit);
      this.#page = page;
      this.#readLimit = limit;
      this.#aheadMs = page.readAt - performance.now();
    } catch (error) {
      this.#isOutdated = true;
      throw error;
    } finally {
      this.#isReading = false;
      this.#judge(this.#unjudged.splice(0));
    }
  }

  /** Once, however long it lasts. */
  #tellFailure(err: unknown): void {
    if (!this.#isFailing) this.#options.log.warn({ err }, 'a live leaderboard could not be read');
    this.#isFailing = true;
  }
}

async function endsWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  const timer = new AbortController();
  const isOver = work.then(() => true);
  const isLate = pause(ms, false, { signal: timer.signal }).catch(() => false);
  return await Promise.race([isOver, isLate]).finally(() => timer.abort());
}
