import { connect, type Socket } from 'node:net';

import { AnswerReader } from './answer-reader.ts';

type OnAnswer = (connection: Connection, status: number) => void;

/** A kept-alive connection that has one request in flight at the most. */
export interface Connection {
  send(request: Buffer): void;
  close(): void;
}

/** Of all connections: what one read is looked at before the next. */
const buffer = Buffer.alloc(256 * 1024);

/** Resolves when the connection is open. A connection that breaks before it is closed ends the process: the run is void. */
export async function openConnection(port: number, onAnswer: OnAnswer): Promise<Connection> {
  const reader = new AnswerReader();
  let closing = false;
  const socket = await open(port, (size) => {
    const status = reader.read(buffer.subarray(0, size));
    if (status !== undefined) onAnswer(connection, status);
    return true;
  });
  const connection: Connection = {
    send: (request) => void socket.write(request),
    close: () => {
      closing = true;
      socket.destroy();
    },
  };
  socket.on('close', () => {
    if (!closing) throw new Error('the server closed a connection');
  });
  return connection;
}

async function open(port: number, onRead: (size: number) => boolean): Promise<Socket> {
  return await new Promise((resolve, reject) => {
    const onread = { buffer, callback: onRead };
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      socket.on('error', (error) => {
        throw error;
      });
      resolve(socket);
    });
  });
}
