import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';

import type { AppEnv } from './factory.ts';

/** Above the 120 s after which the load balancer drops an idle connection, so that it never meets a closed one. */
const KEEP_ALIVE_TIMEOUT_MS = 125_000;
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const MAX_HEADER_BYTES = 16 * 1024;
const SWEEP_INTERVAL_MS = 50;

export interface RunningServer {
  readonly port: number;
  /** Stops accepting, lets requests in flight finish for `graceMs`, then cuts what is left. */
  close(graceMs: number): Promise<void>;
}

/** Listens on every address; port 0 takes a free one. Rejects when the port is taken. */
export async function listen(app: Hono<AppEnv>, port: number): Promise<RunningServer> {
  const server = createAdaptorServer({
    fetch: (request, bindings) => (URL.canParse(request.url) ? app.fetch(request, bindings) : badRequest()),
    serverOptions: {
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
  }) as Server;
  const sockets = trackSockets(server);
  server.listen(port);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async (graceMs) => await close(server, sockets, graceMs),
  };
}

/**
 * The adapter answers a Host that is none like this, but lets some pass (`1.2.3.4.5`, `xn--`) whose request then
 * cannot be made.
 */
function badRequest(): Response {
  return new Response(null, { status: 400 });
}

function trackSockets(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return sockets;
}

async function close(server: Server, sockets: ReadonlySet<Socket>, graceMs: number): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  // A kept-alive connection becomes idle only after its last answer, later than close() looked.
  const sweep = setInterval(() => closeIdle(server, sockets), SWEEP_INTERVAL_MS);
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(cut);
}

/** Node does not count a connection as idle on which nothing was ever asked, as browsers open them in advance. */
function closeIdle(server: Server, sockets: ReadonlySet<Socket>): void {
  server.closeIdleConnections();
  for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
}
