import { connect, type Socket } from 'node:net';

import { AnswerReader } from './answer-reader.ts';

/** Which request was answered, by its number. */
type OnAnswer = (connection: Connection, status: number) => void;

/** A kept-alive connection that has one request in flight at the most. */
export interface Connection {
  send(request: Buffer): void;
  close(): void;
}

/** Resolves when the connection is open. A connection that breaks before it is closed ends the process: the run is void. */
export async function openConnection(port: number, onAnswer: OnAnswer): Promise<Connection> {
  const socket = await open(port);
  const reader = new AnswerReader();
  let closing = false;
  const connection: Connection = {
    send: (request) => void socket.write(request),
    close: () => {
      closing = true;
      socket.destroy();
    },
  };
  socket.on('data', (chunk) => {
    const status = reader.read(chunk);
    if (status !== undefined) onAnswer(connection, status);
  });
  socket.on('close', () => {
    if (!closing) throw new Error('the server closed a connection');
  });
  return connection;
}

async function open(port: number): Promise<Socket> {
  return await new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
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
