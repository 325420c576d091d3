import type { Socket } from 'node:net';

import type { Context } from 'hono';
import { z } from 'zod';

import type { Config } from '../config.ts';
import { clientAddress } from '../http/client-address.ts';
import { type AnswerRaw, type AppEnv, factory } from '../http/factory.ts';
import { operation } from '../http/openapi.ts';
import { queryInteger } from '../http/query-integer.ts';
import type { RateLimits } from '../http/rate-limits.ts';
import { validate } from '../http/validate.ts';
import { LeaderboardId } from '../leaderboards/index.ts';
import type { Live, Watch } from './live.ts';
import { PREAMBLE, randomRetryMs, toClosingEvent } from './wire-format.ts';

const StreamPath = z.object({ leaderboard_id: LeaderboardId });

/** `Last-Event-ID` is not read: whoever comes gets the whole page. */
const StreamQuery = z.object({ limit: queryInteger(1, 100, 10) });

const HEADERS = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-store',
  // Proxies such as nginx would wait for more before they pass an event on.
  'X-Accel-Buffering': 'no',
};

interface LiveHandlerDependencies {
  readonly live: Live;
  readonly limits: RateLimits;
  readonly config: Pick<Config, 'trustedProxyHops'>;
}

export function liveHandlers({ live, limits, config }: LiveHandlerDependencies) {
  return {
    stream: factory.createHandlers(
      operation({
        id: 'streamLeaderboard',
        tag: 'Leaderboards',
        summary: 'Watch a leaderboard: its best entries now, and whenever they change',
        caller: 'anyone',
        success: { 200: { description: 'The stream', contentTypes: ['text/event-stream'] } },
        errors: ['invalid_request', 'leaderboard_not_found', 'stream_capacity_reached'],
        limited: true,
      }),
      limits.readsByAddress,
      validate('param', StreamPath),
      validate('query', StreamQuery),
      async (c) => {
        if (live.isStopping) return c.body(toFarewell(), 200, { ...HEADERS, Connection: 'close' });
        const watch = await live.watch({
          leaderboardId: c.req.valid('param').leaderboard_id,
          limit: c.req.valid('query').limit,
          address: clientAddress(c, config.trustedProxyHops),
        });
        const socket = live.isStopping ? undefined : findOwnSocket(c);
        if (socket === undefined) return c.body(takeSnapshot(watch), 200, HEADERS);
        c.set('answerRaw', toRawAnswer(socket, live.admit(socket, watch)));
        return c.body(null, 200, HEADERS);
      },
    ),
  };
}

/** Undefined for a HEAD, without Node, and for a request that was sent before the answer to an earlier one. */
function findOwnSocket({ req, env }: Context<AppEnv>): Socket | undefined {
  const socket = env?.outgoing?.socket;
  return req.method === 'HEAD' || socket?.destroyed !== false ? undefined : socket;
}

/** A stream that ends at once: whoever reads it as one connects again. */
function takeSnapshot({ channel, release }: Watch): string {
  const event = channel.snapshot();
  release();
  return `${PREAMBLE.toString()}${event.toString()}`;
}

/** For who comes while the process stops: anything but 200 would end an EventSource for good. */
function toFarewell(): string {
  return `${PREAMBLE.toString()}${toClosingEvent(randomRetryMs()).toString()}`;
}

/**
 * Sends the head, and leaves the socket to the session: an answer that ends with its connection has no chunks, so every
 * client can be sent the same bytes. Nothing here may hold on to the request.
 */
function toRawAnswer(socket: Socket, begin: () => void): AnswerRaw {
  return (outgoing, headers) => {
    outgoing.useChunkedEncodingByDefault = false;
    outgoing.writeHead(200, headers);
    socket.cork();
    outgoing.flushHeaders();
    socket.write(PREAMBLE);
    socket.uncork();
    // The adapter's only one, which would abort a request that has been answered, and keeps all of it until then.
    outgoing.removeAllListeners('close');
    begin();
  };
}
