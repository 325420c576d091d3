import type { Socket } from 'node:net';

import type { Config } from '../config.ts';
import { unavailable } from '../errors.ts';
import {
  type BoardChange,
  type BoardChanges,
  type Leaderboards,
  readNewestPage,
} from '../leaderboards/index.ts';
import type { Logger } from '../telemetry/log.ts';
import { Capacity } from './capacity.ts';
import type { Channel, SweepOptions } from './channel.ts';
import { endStreams } from './end-streams.ts';
import { Hub } from './hub.ts';
import { Session } from './session.ts';

export interface LiveOptions extends SweepOptions {
  /** Between two reads of a board that nobody told of a change. */
  readonly rereadMs: number;
}

interface LiveDependencies {
  readonly leaderboards: Leaderboards;
  readonly changes: BoardChanges;
  readonly config: Pick<Config, 'live'>;
  readonly log: Logger;
  /** Told how long each change took from being heard of until every stream was sent it, in milliseconds. */
  readonly onBroadcast?: ((latencyMs: number) => void) | undefined;
  readonly options?: Partial<LiveOptions>;
}

/** A page of a board that somebody is going to see, or sees. */
export interface Watch {
  readonly channel: Channel;
  readonly release: () => void;
}

const SWEEP_MS = 500;
const DEFAULTS: LiveOptions = { keepAliveMs: 15_000, writeDeadlineMs: 15_000, rereadMs: 2000 };
const STOPPING_RETRY_SECONDS = 1;

/**
 * All streams of this process: a hub for each board that somebody watches, and one timer for all of them.
 *   open → stopping   by stop(): no stream is accepted any more
 */
export class Live {
  readonly #deps: LiveDependencies;
  readonly #options: LiveOptions;
  readonly #capacity: Capacity;
  readonly #hubs = new Map<string, Hub>();
  readonly #timer: NodeJS.Timeout;
  readonly #ignoreChanges: () => void;
  #rereadAt = performance.now();
  #isSweeping = false;
  #isStopping = false;

  constructor(deps: LiveDependencies) {
    this.#deps = deps;
    this.#options = { ...DEFAULTS, ...deps.options };
    this.#capacity = new Capacity(deps.config.live);
    this.#ignoreChanges = deps.changes.onChange((change) => this.hear(change));
    this.#timer = setInterval(() => void this.#sweep(), SWEEP_MS).unref();
  }

  /** How many streams are open. */
  get connections(): number {
    return this.#capacity.taken;
  }

  /** How many may be. */
  get capacity(): number {
    return this.#capacity.max;
  }

  /** Takes a change of a board, whichever process made it. */
  hear(change: BoardChange): void {
    this.#hubs.get(change.leaderboardId)?.hear(change);
  }

  /** Reads every board again that somebody watches: changes may have been missed. Never rejects. */
  async rereadAll(): Promise<void> {
    this.#rereadAt = performance.now();
    await Promise.all([...this.#hubs.values()].map(async (hub) => await hub.reread()));
  }

  /** Throws unavailable when the process is stopping, and stream_capacity_reached. */
  assertRoom(address: string): void {
    if (this.#isStopping)
      throw unavailable('the process is stopping', { retryAfterSeconds: STOPPING_RETRY_SECONDS });
    this.#capacity.assertRoom(address);
  }

  /** Resolves when there is a page to show; it stays up to date until it is released. Throws as readPage does. */
  async watch(leaderboardId: string, limit: number): Promise<Watch> {
    const hub = this.#hubs.get(leaderboardId) ?? this.#createHub(leaderboardId);
    const channel = hub.hold(limit);
    const release = () => {
      hub.release(channel);
      if (hub.isEmpty) this.#hubs.delete(leaderboardId);
    };
    try {
      await hub.ready(channel);
      return { channel, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  /**
   * Takes a place for a client's stream, until its socket is closed. The returned function begins the stream, once its
   * head was sent. The watch is released with the place, and when there is none: throws as assertRoom does.
   */
  admit(socket: Socket, address: string, { channel, release }: Watch): () => void {
    try {
      this.assertRoom(address);
    } catch (error) {
      release();
      throw error;
    }
    this.#capacity.take(address);
    const session = new Session(socket);
    socket.once('close', () => {
      channel.leave(session);
      this.#capacity.giveBack(address);
      release();
    });
    return () => channel.join(session);
  }

  /** Accepts no stream any more, and ends those that are open, spread over a few seconds, `withinMs` at the most. */
  async stop(withinMs: number): Promise<void> {
    this.#isStopping = true;
    await endStreams(() => [...this.#hubs.values()].flatMap((hub) => hub.channels()), withinMs);
    clearInterval(this.#timer);
    this.#ignoreChanges();
  }

  #createHub(leaderboardId: string): Hub {
    const { leaderboards, config, log, onBroadcast = () => {} } = this.#deps;
    const hub = new Hub({
      read: async (limit) => await readNewestPage(leaderboards, { leaderboardId, limit, offset: 0 }),
      intervalMs: config.live.broadcastIntervalMs,
      onBroadcast,
      log: log.child({ leaderboard_id: leaderboardId }),
    });
    this.#hubs.set(leaderboardId, hub);
    return hub;
  }

  async #sweep(): Promise<void> {
    if (this.#isSweeping) return;
    this.#isSweeping = true;
    for (const hub of this.#hubs.values()) await hub.sweep(this.#options);
    if (performance.now() - this.#rereadAt >= this.#options.rereadMs) await this.rereadAll();
    this.#isSweeping = false;
  }
}

export function createLive(deps: LiveDependencies): Live {
  return new Live(deps);
}
