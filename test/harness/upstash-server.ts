import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

import { createClient, ErrorReply } from '@redis/client';

import { rawReplies, toReply } from '../../src/redis/replies.ts';
import { cleanUp } from './cleanup.ts';

export interface UpstashServer {
  readonly restUrl: string;
  readonly restToken: string;
  /** The headers of every request so far. */
  readonly requests: readonly IncomingMessage['headers'][];
  /** Connections that clients have opened so far. */
  connections(): number;
  /** Cuts every connection, as a restart of the gateway does. */
  cut(): void;
}

type Redis = ReturnType<typeof createRedis>;
type Command = readonly unknown[];
type Result = { readonly result: unknown } | { readonly error: string };

const RETRY_MS = 20;
const unauthorized = { error: 'WRONGPASS invalid or missing auth token' };

/** Speaks Upstash's REST protocol in front of a Redis server, on a free port of 127.0.0.1; closed after the file. */
export async function startUpstashServer(redisUrl: string): Promise<UpstashServer> {
  const redis = createRedis(redisUrl);
  const restToken = 'token-of-the-tests';
  const requests: IncomingMessage['headers'][] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    requests.push(request.headers);
    if (request.headers.authorization !== `Bearer ${restToken}`) return answer(response, 401, unauthorized);
    void respond(redis, request, response).catch((error: unknown) => {
      if (error instanceof ErrorReply) return answer(response, 400, { error: error.message });
      // A gateway in front of it says something of its own.
      response.writeHead(503).end('<h1>Service Unavailable</h1>');
    });
  });
  server.on('connection', () => (connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  void redis.connect().catch(() => {});
  cleanUp(async () => {
    redis.destroy();
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
  return {
    restUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    restToken,
    requests,
    connections: () => connections,
    cut: () => server.closeAllConnections(),
  };
}

function createRedis(url: string) {
  const socket = { reconnectStrategy: () => RETRY_MS };
  const redis = createClient({ url, RESP: 2, socket, disableOfflineQueue: true });
  return redis.on('error', () => {});
}

async function respond(redis: Redis, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, path, channel = ''] = (request.url ?? '').split('/');
  if (path === 'subscribe') return await stream(redis, decodeURIComponent(channel), response);
  const body = (await json(request)) as Command;
  const encode = request.headers['upstash-encoding'] === 'base64' ? toBase64 : (result: unknown) => result;
  const encoded = (result: Result) => ('result' in result ? { result: encode(result.result) } : result);
  if (path === 'pipeline')
    return answer(response, 200, (await sendAll(redis, body as Command[])).map(encoded));
  if (path === 'multi-exec')
    return answer(response, 200, (await transact(redis, body as Command[])).map(encoded));
  if (path !== '') return answer(response, 404, { error: 'not found' });
  answer(response, 200, encoded({ result: await send(redis, body) }));
}

async function send(redis: Redis, command: Command): Promise<unknown> {
  const parts = command.map((part) => (typeof part === 'string' ? part : JSON.stringify(part)));
  return toReply(await redis.sendCommand(parts, { typeMapping: rawReplies }));
}

async function sendAll(redis: Redis, commands: readonly Command[]): Promise<Result[]> {
  return await Promise.all(
    commands.map(
      async (command) => await send(redis, command).then(toResult, (error: unknown) => toResult(error)),
    ),
  );
}

/** On a connection of its own, because others' commands would get in between. */
async function transact(redis: Redis, commands: readonly Command[]): Promise<Result[]> {
  const own = await redis
    .duplicate()
    .on('error', () => {})
    .connect();
  try {
    await send(own, ['MULTI']);
    for (const command of commands) await send(own, command).catch(() => {});
    return ((await send(own, ['EXEC'])) as unknown[]).map(toResult);
  } finally {
    own.destroy();
  }
}

function toResult(reply: unknown): Result {
  if (reply instanceof ErrorReply) return { error: reply.message };
  if (reply instanceof Error) throw reply;
  return { result: reply };
}

/** All text but an OK that is the whole result. */
function toBase64(result: unknown): unknown {
  if (result === 'OK') return result;
  const encode = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(encode);
    return typeof value === 'string' ? Buffer.from(value).toString('base64') : value;
  };
  return encode(result);
}

async function stream(redis: Redis, channel: string, response: ServerResponse): Promise<void> {
  const subscriber = await redis
    .duplicate()
    .on('error', () => response.destroy())
    .connect();
  response.once('close', () => subscriber.destroy());
  await subscriber.subscribe(channel, (message) => response.write(`data: message,${channel},${message}\n\n`));
  response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write(`data: subscribe,${channel},1\n\n`);
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}
