import type { BoardChange, BoardChanges } from '../../leaderboards/index.ts';
import type { Logger } from '../../telemetry/log.ts';
import { createOrigin, decodeMessage, encodeMessage, MAX_CHANGES } from './message.ts';
import { Outbox } from './outbox.ts';

export interface Listener {
  onMessage(text: string): void;
  /** Whenever it listens, the first time included: what was sent before may be lost. */
  onReady(): void;
}

/** Carries lines of text to every process that listens, the sender's own included; some may be lost. */
export interface Carrier {
  send(text: string): Promise<void>;
  close(): Promise<void>;
}

interface BusDependencies {
  readonly changes: BoardChanges;
  readonly live: { hear(change: BoardChange): void; rereadAll(): Promise<void> };
  readonly log: Logger;
}

export interface Bus {
  close(): Promise<void>;
}

/** Tells the other processes of this one's changes, and this one's streams of theirs. */
export async function joinBus(
  open: (listener: Listener) => Promise<Carrier>,
  { changes, live, log }: BusDependencies,
): Promise<Bus> {
  const origin = createOrigin();
  const carrier = await open({
    onMessage: (text) => {
      const heard = decodeMessage(origin, text);
      if (heard === undefined) log.debug({ length: text.length }, 'a message of the bus was not understood');
      for (const change of heard ?? []) live.hear(change);
    },
    onReady: () => void live.rereadAll(),
  });
  const outbox = new Outbox({
    send: async (some) => await carrier.send(encodeMessage(origin, some)),
    maxChanges: MAX_CHANGES,
  });
  const ignore = changes.onChange((change) => outbox.add(change));
  return {
    close: async () => {
      ignore();
      await outbox.close();
      await carrier.close();
    },
  };
}
