import { ErrorReply } from '@redis/client';

import { pause } from './deadline.ts';
import { RedisRefused, RedisUnavailable, toRefusal } from './errors.ts';
import { rawReplies, toReply } from './replies.ts';
import { createNodeRedis, type NodeRedis, type Server } from './server.ts';
import type { Connection, Listening, Reply, Request, Transport } from './transport.ts';
import { within } from './within.ts';

const CONNECT_MS = 750;
const MIN_RETRY_MS = 50;
/** After an attempt that was in vain, whole 750 ms, there is still time to catch up within 2 s of Redis's return. */
const MAX_RETRY_MS = 500;
const PING_INTERVAL_MS = 5000;
const PING_MS = 1000;

/** A replica that was a primary, and a server that lost its users: the name may lead to another one by now. */
const misplaced = new Set(['READONLY', 'MASTERDOWN', 'NOAUTH']);

type Command = readonly unknown[];

/** The Redis protocol, by way of node-redis. */
export function createRespTransport(server: Server): Transport {
  return {
    kind: 'resp',
    open: async (over) => await open(server, over),
    listen: async (channel, onMessage, over) => await listen(server, channel, onMessage, over),
    retryMs: (failures) => Math.min(MAX_RETRY_MS, MIN_RETRY_MS * 2 ** failures) * (0.5 + 0.5 * Math.random()),
    isMisplaced: (code) => misplaced.has(code),
  };
}

async function open(server: Server, over: AbortSignal): Promise<Connection> {
  const { client, lost, discard } = await connect(server, over);
  await orDiscard(discard, async () => {
    await client.sendCommand(['PING']);
    await assertPrimary(client);
  });
  return { send: async (request) => await send(client, request), lost, discard };
}

/** A connection whose server refuses to work stays open otherwise. */
async function orDiscard(discard: () => void, work: () => Promise<void>): Promise<void> {
  await work().catch((error: unknown) => {
    discard();
    throw error;
  });
}

interface Connected {
  readonly client: NodeRedis;
  readonly lost: Promise<unknown>;
  readonly discard: () => void;
}

async function connect(server: Server, over: AbortSignal): Promise<Connected> {
  const client = createNodeRedis(server, CONNECT_MS);
  const lost = new Promise<unknown>((resolve) => client.on('error', resolve));
  const discard = () => client.destroy();
  over.addEventListener('abort', discard, { once: true });
  // One that is destroyed while its socket connects becomes a connection that nobody knows of.
  client.on('connect', () => over.aborted && discard());
  await client.connect();
  return { client, lost, discard };
}

/** Names lead to the old primary for a while after a failover. A user that may not ask is taken at its word. */
async function assertPrimary(client: NodeRedis): Promise<void> {
  const role = await client.sendCommand(['ROLE']).catch((error: unknown) => {
    if (error instanceof ErrorReply) return undefined;
    throw error;
  });
  if (Array.isArray(role) && String(role[0]) !== 'master') {
    throw new RedisUnavailable('the server is a replica, which cannot be written to');
  }
}

async function send(client: NodeRedis, { path, body }: Request): Promise<Reply> {
  if (path === undefined) return { result: await sendOne(client, body as Command) };
  const commands = body as readonly Command[];
  const results = path[0] === 'pipeline' ? sendAll(client, commands) : transact(client, commands);
  return (await results).map((result) => ({ result }));
}

async function sendAll(client: NodeRedis, commands: readonly Command[]): Promise<unknown[]> {
  const outcomes = await Promise.allSettled(commands.map(async (command) => await sendOne(client, command)));
  return outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
}

/** Written together, so nothing comes in between. The reply of EXEC holds what each command was answered. */
async function transact(client: NodeRedis, commands: readonly Command[]): Promise<unknown[]> {
  const [outcome] = (await Promise.allSettled(
    [['MULTI'], ...commands, ['EXEC']].map(async (command) => await sendOne(client, command)),
  ).then((outcomes) => outcomes.slice(-1))) as [PromiseSettledResult<unknown>];
  if (outcome.status === 'rejected') throw outcome.reason;
  const results = outcome.value as unknown[];
  const failed = results.find((result) => result instanceof ErrorReply);
  if (failed !== undefined) throw toError(failed);
  return results;
}

async function sendOne(client: NodeRedis, command: Command): Promise<unknown> {
  try {
    return toReply(await client.sendCommand<unknown>(command.map(String), { typeMapping: rawReplies }));
  } catch (error) {
    throw toError(error);
  }
}

function toError(error: unknown): RedisRefused | RedisUnavailable {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof ErrorReply)) return new RedisUnavailable(message, error);
  return toRefusal(message) ?? new RedisRefused('ERR', message);
}

async function listen(
  server: Server,
  channel: string,
  onMessage: (message: string) => void,
  over: AbortSignal,
): Promise<Listening> {
  const { client, lost, discard } = await connect(server, over);
  await orDiscard(discard, async () => await client.subscribe(channel, onMessage));
  const discarded = new AbortController();
  return {
    ended: Promise.race([lost, keepAsking(client, discarded.signal)]),
    discard: () => {
      discarded.abort();
      discard();
    },
  };
}

/** Nothing else shows that a silent server is gone. Resolves with the reason when it did not answer. */
async function keepAsking(client: NodeRedis, discarded: AbortSignal): Promise<unknown> {
  try {
    while (!discarded.aborted) {
      await pause(PING_INTERVAL_MS, discarded);
      if (!discarded.aborted)
        await within(PING_MS, discarded, async () => await client.sendCommand(['PING']));
    }
    return undefined;
  } catch (error) {
    return error;
  }
}
