import { pause } from './deadline.ts';
import type { RedisHealth } from './health.ts';
import type { Transport } from './transport.ts';
import { within } from './within.ts';

const OPEN_MS = 750;
const STABLE_MS = 1000;

export interface SubscriptionHandlers {
  onMessage(message: string): void;
  /** Whenever it is subscribed, the first time included: what was published before may be lost. */
  onReady(): void;
}

interface Subscribing {
  readonly transport: Transport;
  readonly health: RedisHealth;
}

/**
 * Stays subscribed until the signal is aborted, with a connection of its own. It lives as long as Redis is usable, so
 * that after a failover it is subscribed where commands go. Resolves when all is over.
 */
export async function keepSubscribed(
  { transport, health }: Subscribing,
  channel: string,
  handlers: SubscriptionHandlers,
  closing: AbortSignal,
): Promise<void> {
  let failures = 0;
  while (!closing.aborted) {
    await changeTo(true, health, closing);
    if (closing.aborted) return;
    const listening = await within(
      OPEN_MS,
      closing,
      async (over) => await transport.listen(channel, (message) => handlers.onMessage(message), over),
    ).catch(() => undefined);
    const readyAt = performance.now();
    if (listening !== undefined) {
      if (!closing.aborted) handlers.onReady();
      await Promise.race([listening.ended, changeTo(false, health, closing)]);
      listening.discard();
    }
    if (performance.now() - readyAt > STABLE_MS) failures = 0;
    await pause(transport.retryMs(failures), closing);
    failures += 1;
  }
}

async function changeTo(usable: boolean, health: RedisHealth, closing: AbortSignal): Promise<void> {
  if (health.usable === usable || closing.aborted) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      stop();
      closing.removeEventListener('abort', done);
      resolve();
    };
    const stop = health.onChange((now) => now === usable && done());
    closing.addEventListener('abort', done);
  });
}
