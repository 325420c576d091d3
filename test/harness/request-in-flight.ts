import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

import { onTestFinished } from 'vitest';

import { until } from './until.ts';

/** A connection, with everything that came over it so far. */
export async function openConnection(url: string): Promise<{ socket: Socket; received: () => string }> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  // A server that cuts the connection may reset it.
  socket.on('error', () => {});
  await once(socket, 'connect');
  return { socket, received: () => text };
}

const body = JSON.stringify({ username: 'nobody', password: 'wrong password' });

/** A request whose body stops before its last character, which keeps it in flight; `finish` sends that. */
export async function beginRequest(url: string): Promise<{ received: () => string; finish: () => void }> {
  const { socket, received } = await openConnection(url);
  socket.write(
    `POST /v1/auth/login HTTP/1.1\r\nHost: laurel\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n` +
      `Content-Length: ${body.length}\r\n\r\n`,
  );
  await until('the request has begun', () => received().includes('100 Continue'));
  socket.write(body.slice(0, -1));
  return { received, finish: () => socket.write(body.slice(-1)) };
}

export async function isRefused(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  return await once(socket, 'connect').then(
    () => {
      socket.destroy();
      return false;
    },
    () => true,
  );
}
