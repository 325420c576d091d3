import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';

import { cleanUp } from './cleanup.ts';
import { type TestProcess } from './process.ts';

export interface Balancer {
  readonly url: string;
  /** Sends connections there too, from when it is ready. */
  add(process: Pick<TestProcess, 'url'>): void;
  remove(process: Pick<TestProcess, 'url'>): void;
}

const PROBE_MS = 50;

/** Spreads connections over processes in turn, those that say that they are ready; closed after the file. */
export async function startBalancer(): Promise<Balancer> {
  const isReady = new Map<string, boolean>();
  const sockets = new Set<Socket>();
  let turn = 0;
  const server = createServer({ allowHalfOpen: true }, (client) => {
    keep(client);
    const ready = [...isReady].filter(([, ready]) => ready).map(([url]) => url);
    turn += 1;
    forward(client, [...ready.slice(turn % ready.length), ...ready.slice(0, turn % ready.length)]);
  });
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
  };
  /** The first of them that accepts the connection gets it. */
  const forward = (client: Socket, [url, ...others]: readonly string[]) => {
    if (url === undefined) return void client.destroy();
    const target = connect({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen: true });
    keep(target);
    const refused = () => forward(client, others);
    target.once('error', refused).once('connect', () => {
      target.off('error', refused);
      client.pipe(target).pipe(client);
      client.once('close', () => target.destroy());
      target.once('close', () => client.destroySoon());
    });
  };
  const probing = new AbortController();
  const probed = probe(isReady, probing.signal);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUp(async () => {
    probing.abort();
    server.close();
    for (const socket of sockets) socket.destroy();
    await probed;
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    add: ({ url }) => void isReady.set(url, false),
    remove: ({ url }) => void isReady.delete(url),
  };
}

async function probe(isReady: Map<string, boolean>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for (const url of isReady.keys()) {
      const response = await fetch(`${url}/health/ready`).catch(() => undefined);
      if (isReady.has(url)) isReady.set(url, response?.ok === true);
    }
    await setTimeout(PROBE_MS);
  }
}
