import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';

import { createClient } from '@redis/client';

export interface Server {
  /** redis:// or rediss://, with user, password and database. */
  readonly url: string;
  /** PEM file of the authorities that may sign its certificate; those of Node otherwise. */
  readonly caFile?: string | undefined;
}

export type NodeRedis = ReturnType<typeof createNodeRedis>;

/**
 * One connection of node-redis, not connected yet, that lives until its first failure: when and how to connect again,
 * and how long to wait for a reply, is decided above it. RESP 2, because its replies have the shapes of Upstash's.
 */
export function createNodeRedis({ url, caFile }: Server, connectMs: number) {
  const { protocol, hostname, port, username, password, pathname } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const socket = {
    host,
    port: Number(port || 6379),
    connectTimeout: connectMs,
    reconnectStrategy: false as const,
  };
  const tls = {
    tls: true as const,
    ...(isIP(host) === 0 && { servername: host }),
    ...(caFile !== undefined && { ca: readFileSync(caFile) }),
  };
  return createClient({
    socket: protocol === 'rediss:' ? { ...socket, ...tls } : socket,
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
    database: Number(pathname.slice(1)),
    RESP: 2,
    disableOfflineQueue: true,
    disableClientInfo: true,
    // Its timeout only removes what is not yet written, which would tear MULTI from EXEC.
    commandOptions: { timeout: 0 },
  });
}
