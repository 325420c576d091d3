import type { RedisServer } from './redis-server.ts';
import type { TcpProxy } from './tcp-proxy.ts';

/** What is made to fail: a private server, and the way to it. */
export interface RedisStage {
  readonly server: RedisServer;
  readonly proxy: TcpProxy;
}

export interface RedisFault {
  readonly name: string;
  readonly lastsMs: number;
  readonly strike: (stage: RedisStage) => Promise<void> | void;
  /** Resolves when the server can be used again. */
  readonly heal: (stage: RedisStage) => Promise<void> | void;
}

/** Room for a few scores; then the server is full. */
const LEFT_BYTES = 32 * 1024;

/** Every way to lose Redis; those that may last for any time last `silentMs`. */
export function redisFaults(silentMs: number): readonly RedisFault[] {
  return [
    {
      name: 'killed',
      lastsMs: 1000,
      strike: async ({ server }) => await server.crash(),
      heal: async ({ server }) => await server.start(),
    },
    {
      name: 'restarted empty',
      lastsMs: 0,
      strike: async ({ server }) => await server.stop(),
      heal: async ({ server }) => await server.start(),
    },
    {
      name: 'flushed',
      lastsMs: 0,
      strike: async ({ server }) => void (await server.ask('FLUSHALL')),
      heal: () => {},
    },
    {
      name: 'frozen',
      lastsMs: silentMs,
      strike: ({ server }) => server.freeze(),
      heal: ({ server }) => server.thaw(),
    },
    {
      name: 'paused for all clients',
      lastsMs: silentMs,
      strike: async ({ server }) => await server.pauseClients(silentMs),
      heal: async ({ server }) => void (await server.ask('PING')),
    },
    {
      name: 'out of memory',
      lastsMs: silentMs,
      strike: async ({ server }) => await server.setMaxMemory((await usedMemory(server)) + LEFT_BYTES),
      heal: async ({ server }) => await server.setMaxMemory(0),
    },
    {
      name: 'a read-only replica',
      lastsMs: silentMs,
      strike: async ({ server }) => await server.makeReadOnlyReplica(),
      heal: async ({ server }) => await server.makePrimary(),
    },
    {
      name: 'gone without a word',
      lastsMs: silentMs,
      strike: async ({ proxy }) => await proxy.swallow(),
      heal: async ({ proxy }) => await proxy.restore(),
    },
  ];
}

async function usedMemory(server: RedisServer): Promise<number> {
  const info = String(await server.ask('INFO', 'memory'));
  return Number(/used_memory:(\d+)/.exec(info)?.[1]);
}
