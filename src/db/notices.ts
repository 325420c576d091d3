import { setTimeout } from 'node:timers/promises';

import pg from 'pg';

import type { Logger } from '../telemetry/log.ts';
import { clientConfig, type PostgresOptions } from './postgres.ts';

interface NoticesOptions {
  /** An identifier in lower case. */
  readonly channel: string;
  readonly onMessage: (text: string) => void;
  /** Whenever it listens, the first time included: what was sent before is lost. */
  readonly onReady: () => void;
  readonly log: Logger;
}

interface Notices {
  /** Sends at most 8,000 bytes to everybody who listens, also here. Rejects while there is no connection. */
  send(text: string): Promise<void>;
  close(): Promise<void>;
}

/** By which operators tell it from the pool's connections. */
const APPLICATION_NAME = 'laurel-notices';
const MIN_RETRY_MS = 100;
const MAX_RETRY_MS = 2000;
/** A connection that lasted so long does not lengthen the wait for the next. */
const STABLE_MS = 5000;
/** Nothing else shows that a silent server is gone. */
const PING_INTERVAL_MS = 5000;
const SILENCE_MS = 2000;

/**
 * LISTEN and NOTIFY on a connection of its own, opened in the background and again whenever it is lost.
 *   away → listening   when LISTEN was answered; tried again and again, with backoff
 *   listening → away   when the connection is lost, or a statement was not answered within 2 s
 */
export function listenForNotices(
  server: Pick<PostgresOptions, 'url' | 'caFile'>,
  options: NoticesOptions,
): Notices {
  const closing = new AbortController();
  let current: pg.Client | undefined;
  const running = keepListening(server, options, closing.signal, (client) => (current = client));
  return {
    send: async (text) => {
      if (current === undefined) throw new Error('there is no connection to notify by');
      await current.query('SELECT pg_notify($1, $2)', [options.channel, text]);
    },
    close: async () => {
      closing.abort();
      await running;
    },
  };
}

async function keepListening(
  server: Pick<PostgresOptions, 'url' | 'caFile'>,
  options: NoticesOptions,
  closing: AbortSignal,
  use: (client: pg.Client | undefined) => void,
): Promise<void> {
  let failures = 0;
  while (!closing.aborted) {
    const beganAt = performance.now();
    const client = new pg.Client({
      ...clientConfig(server),
      application_name: APPLICATION_NAME,
      query_timeout: SILENCE_MS,
    });
    const lost = new Promise<unknown>((resolve) =>
      client.on('error', resolve).on('end', () => resolve(undefined)),
    );
    const reason = await listenOn(client, lost, options, closing, use).catch((error: unknown) => error);
    use(undefined);
    if (closing.aborted) return;
    if (performance.now() - beganAt > STABLE_MS) failures = 0;
    if (failures === 0) options.log.warn({ err: reason }, 'changes of other processes are not heard');
    await setTimeout(retryMs(failures), undefined, { ref: false, signal: closing }).catch(() => {});
    failures += 1;
  }
}

/** Resolves or rejects with the reason when it is over. */
async function listenOn(
  client: pg.Client,
  lost: Promise<unknown>,
  { channel, onMessage, onReady, log }: NoticesOptions,
  closing: AbortSignal,
  use: (client: pg.Client) => void,
): Promise<unknown> {
  try {
    await client.connect();
    client.on('notification', ({ payload = '' }) => onMessage(payload));
    await client.query(`LISTEN ${channel}`);
    use(client);
    log.debug({ channel }, 'changes of other processes are heard');
    onReady();
    return await Promise.race([lost, keepAsking(client, closing)]);
  } finally {
    // It answers a silent server's connection too, which end() would wait for.
    void client.end().catch(() => {});
    client.connection.stream.destroy();
  }
}

/** Resolves when it is told to stop; rejects when a question was not answered. */
async function keepAsking(client: pg.Client, closing: AbortSignal): Promise<void> {
  while (!closing.aborted) {
    await setTimeout(PING_INTERVAL_MS, undefined, { ref: false, signal: closing }).catch(() => {});
    if (!closing.aborted) await client.query('SELECT 1');
  }
}

function retryMs(failures: number): number {
  return Math.min(MAX_RETRY_MS, MIN_RETRY_MS * 2 ** failures) * (0.5 + 0.5 * Math.random());
}
