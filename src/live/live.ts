import type { Socket } from 'node:net';

import type { Config } from '../config.ts';
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
  /** Told how long it took from hearing of a change until a round that had it from its beginning was over, in milliseconds. */
  readonly onBroadcast?: ((latencyMs: number) => void) | undefined;
  readonly options?: Partial<LiveOptions>;
}

/** A client's place at a page of a board, which it is going to see, or sees. */
export interface Watch {
  readonly channel: Channel;
  /** Gives the place back; to be called once. */
  readonly release: () => void;
}

interface WatchInput {
  readonly leaderboardId: string;
  readonly limit: number;
  /** Of the client. */
  readonly address: string;
}

const SWEEP_MS = 500;
const DEFAULTS: LiveOptions = { keepAliveMs: 15_000, writeDeadlineMs: 15_000, rereadMs: 2000 };

/**
 * All streams of this process: a hub for each board that somebody watches, and one timer for all of them.
 *   open → stopping   by stop(): whoever comes is to be told to come back
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
    this.#ignoreChanges = deps.changes.onChange((change) =>
      this.#hubs.get(change.leaderboardId)?.learn(change),
    );
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

  /** Takes a change of a board that another process tells of. */
  hear(change: BoardChange): void {
    this.#hubs.get(change.leaderboardId)?.hear(change);
  }

  /** Reads every board again that somebody watches: changes may have been missed. Never rejects. */
  async rereadAll(): Promise<void> {
    this.#rereadAt = performance.now();
    await Promise.all([...this.#hubs.values()].map(async (hub) => await hub.reread()));
  }

  get isStopping(): boolean {
    return this.#isStopping;
  }

  /**
   * Takes a place, and resolves when there is a page to show; it stays up to date until it is released. Throws
   * stream_capacity_reached, and as readPage does.
   */
  async watch({ leaderboardId, limit, address }: WatchInput): Promise<Watch> {
    // Before the read: who waits for a slow one takes as much as who watches.
    this.#capacity.take(address);
    const hub = this.#hubs.get(leaderboardId) ?? this.#createHub(leaderboardId);
    const channel = hub.hold(limit);
    const release = () => {
      this.#capacity.giveBack(address);
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

  /** Leaves the watch to a socket, until it is closed. The returned function begins the stream, once its head was sent. */
  admit(socket: Socket, { channel, release }: Watch): () => void {
    const session = new Session(socket);
    socket.once('close', () => {
      channel.leave(session);
      release();
    });
    return () => {
      // A socket that is closed by now tells nobody again that the session is over.
      if (!socket.destroyed) channel.join(session);
    };
  }

  /** Begins no stream any more, and ends those that are open, spread over a few seconds, `withinMs` at the most. */
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
    try {
      for (const hub of this.#hubs.values()) await hub.sweep(this.#options);
      // Not awaited: a board whose read hangs would hold up the keep-alives of all.
      if (performance.now() - this.#rereadAt >= this.#options.rereadMs) void this.rereadAll();
    } finally {
      this.#isSweeping = false;
    }
  }
}

export function createLive(deps: LiveDependencies): Live {
  return new Live(deps);
}
