import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import { cleanUp } from './cleanup.ts';

export interface TcpProxy {
  /** The target's, by way of the proxy. */
  readonly url: string;
  /**
   * From now on nobody is answered. Connections that exist now, or come before `restore`, stay mute for ever and are
   * never closed: what a client sees of a server that vanished, such as one that failed over to another machine.
   */
  swallow(): Promise<void>;
  /** Forwards connections that are made from now on. */
  restore(): Promise<void>;
}

/**
 * Listens on a free port of 127.0.0.1 and forwards to the host of a URL; closed after the file. It has a thread of its
 * own, because a test that is busy would make the server behind it seem silent.
 */
export async function startTcpProxy(targetUrl: string): Promise<TcpProxy> {
  const { hostname: host, port } = new URL(targetUrl);
  const thread = new Worker(new URL('tcp-proxy-thread.mjs', import.meta.url), {
    workerData: { host, port: Number(port) },
  });
  cleanUp(async () => void (await thread.terminate()));
  const [proxyPort] = (await once(thread, 'message')) as [number];
  const order = async (name: 'swallow' | 'restore') => {
    const obeyed = once(thread, 'message');
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
    thread.postMessage(name);
    await obeyed;
  };
  return {
    url: Object.assign(new URL(targetUrl), { host: `127.0.0.1:${proxyPort}` }).href,
    swallow: async () => await order('swallow'),
    restore: async () => await order('restore'),
  };
}
