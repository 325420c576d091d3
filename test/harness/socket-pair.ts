import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

import { onTestFinished } from 'vitest';

interface SocketPair {
  /** The server's end. */
  readonly socket: Socket;
  readonly client: Socket;
}

/** Both ends of a connection, closed after the test. */
export async function openSocketPair(): Promise<SocketPair> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [socket] = (await once(server, 'connection')) as [Socket];
  server.close();
  onTestFinished(() => [client, socket].forEach((end) => end.destroy()));
  for (const end of [client, socket]) end.on('error', () => {});
  return { socket, client };
}

/** What comes from now on; the function returns all of it so far. */
export function collect(client: Socket): () => string {
  let text = '';
  client.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
  return () => text;
}
