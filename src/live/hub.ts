import { setTimeout as pause } from 'node:timers/promises';

import type { BoardChange, Page } from '../leaderboards/index.ts';
import type { Logger } from '../telemetry/log.ts';
import { Channel, type SweepOptions } from './channel.ts';
import { mayShow } from './visible-page.ts';

export interface HubOptions {
  /** Reads the best `limit` of the board, as of now. */
  readonly read: (limit: number) => Promise<Page>;
  /** Between two rounds of sending, at least, and between the reads that begin them. */
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
/** Into how many parts an interval is cut, at each of which a round of sending that takes long is given a newer page. */
const READS_PER_INTERVAL = 4;

/**
 * One board as all streams of this process see it. It is read when a change may show on a page that somebody sees, one
 * read at a time and for everybody, as far down as the longest page goes.
 *   idle → waiting   a change may show, and the last read began less than an interval ago
 *   waiting → busy   the interval is over; at once when it was over before
 *   busy → idle      the page was read and every channel has sent it, or the read failed; changes that came meanwhile are
 *                    judged by the new page then
 * Ten thousand streams take longer to send to than an interval. The page is read again meanwhile, for those that were
 * not reached yet: nobody waits longer than one such round for a change.
 */
export class Hub {
  readonly #options: HubOptions;
  readonly #channels = new Map<number, { readonly channel: Channel; holders: number }>();
  #page: Page | undefined;
  /** How far down the page was read. */
  #readLimit = 0;
  #readBeganAt = -Infinity;
  /** The read under way until everybody was sent it, and how far down it goes. */
  #busy: { readonly limit: number; readonly over: Promise<void> } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #unjudged: Heard[] = [];
  #isFailing = false;
  /** When the first change was heard of that no read has covered. */
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
    if (this.isEmpty) clearTimeout(this.#timer);
  }

  /** Resolves when the channel has a page. Rejects as reading does. */
  async ready(channel: Channel): Promise<void> {
    while (!this.#covers(channel.limit)) await this.#nextRead(channel.limit);
    if (this.#page !== undefined && !channel.hasPage) await channel.show(this.#page);
  }

  hear(change: BoardChange): void {
    const heard = { change, at: performance.now() };
    if (this.#busy === undefined) this.#judge(heard);
    else if (this.#unjudged.length < MAX_UNJUDGED) this.#unjudged.push(heard);
    else this.#unjudged = [{ ...heard, change: { leaderboardId: change.leaderboardId } }];
  }

  /**
   * Reads the board again, as a change that nobody told of may show; resolves when everybody was sent it. Never rejects:
   * what cannot be read now is read the next time.
   */
  async reread(): Promise<void> {
    if (this.#busy !== undefined || this.isEmpty) return;
    await this.#refresh().then(
      () => (this.#isFailing = false),
      (err: unknown) => this.#tellFailure(err),
    );
  }

  channels(): Channel[] {
    return [...this.#channels.values()].map(({ channel }) => channel);
  }

  async sweep(options: SweepOptions): Promise<void> {
    for (const channel of this.channels()) await channel.sweep(options);
  }

  #judge({ change, at }: Heard): void {
    if (this.#page === undefined || mayShow(change, this.#page, this.#readLimit)) this.#want(at);
  }

  #covers(limit: number): boolean {
    if (this.#page === undefined) return false;
    return this.#readLimit >= limit || this.#page.entries.length < this.#readLimit;
  }

  /** Shares the read under way, and its failure, unless that one is for shorter pages: its failure is somebody else's. */
  async #nextRead(limit: number): Promise<void> {
    if (this.#busy === undefined) return await this.#refresh();
    if (this.#busy.limit >= limit) return await this.#busy.over;
    await this.#busy.over.catch(() => {});
  }

  #want(heardAt: number): void {
    this.#heardAt ??= heardAt;
    if (this.#timer !== undefined || this.isEmpty) return;
    const waitMs = this.#readBeganAt + this.#options.intervalMs - performance.now();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.reread();
    }, waitMs).unref();
  }

  async #refresh(): Promise<void> {
    const limit = Math.max(...this.#channels.keys());
    const over = this.#readAndShow(limit);
    this.#busy = { limit, over };
    try {
      await over;
    } finally {
      this.#busy = undefined;
      const unjudged = this.#unjudged;
      this.#unjudged = [];
      for (const heard of unjudged) this.#judge(heard);
    }
  }

  async #readAndShow(limit: number): Promise<void> {
    const heardAt = this.#beginRead();
    const page = await this.#options.read(limit).catch((error: unknown) => {
      this.#heardAt = heardAt;
      throw error;
    });
    this.#page = page;
    this.#readLimit = limit;
    const channels = this.channels().filter((channel) => channel.limit <= limit);
    const round = Promise.all(channels.map(async (channel) => await channel.show(page)));
    await this.#freshen(round, channels, limit);
    const shown = await round;
    if (heardAt !== undefined && shown.includes(true)) {
      this.#options.onBroadcast(performance.now() - heardAt);
    }
    if (this.#heardAt !== undefined) this.#want(this.#heardAt);
  }

  /** Reads what changes while a round goes on; what cannot be read now is read after it. */
  async #freshen(round: Promise<unknown>, channels: readonly Channel[], limit: number): Promise<void> {
    const partMs = this.#options.intervalMs / READS_PER_INTERVAL;
    while (!(await endsWithin(round, partMs))) {
      if (!this.#takeVisible(limit)) continue;
      const page = await this.#options.read(limit).catch(() => undefined);
      if (page === undefined) return;
      this.#page = page;
      for (const channel of channels) channel.showTheRest(page);
    }
  }

  /** Whether one of the changes that came meanwhile may show; if so another round follows, for those already reached. */
  #takeVisible(limit: number): boolean {
    const page = this.#page;
    const visible = this.#unjudged.filter(({ change }) => page === undefined || mayShow(change, page, limit));
    this.#unjudged = [];
    this.#heardAt ??= visible[0]?.at;
    return visible.length > 0;
  }

  /** What was heard of before is covered by the read; returns when. */
  #beginRead(): number | undefined {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#readBeganAt = performance.now();
    const heardAt = this.#heardAt;
    this.#heardAt = undefined;
    return heardAt;
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
