import { once } from 'node:events';

import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';

import { collect, openSocketPair } from '../../test/harness/socket-pair.ts';
import { until } from '../../test/harness/until.ts';
import { createBoardChanges, type Leaderboards, type Page } from '../leaderboards/index.ts';
import { createLive } from './live.ts';

const page: Page = { leaderboardId: 'global', totalPlayers: 0, entries: [], source: 'redis', readAt: 1000 };
const input = { leaderboardId: 'global', limit: 10, address: '192.0.2.1' };

/** Streams of boards whose reads the test answers; whoever holds two places is refused. */
function startLive() {
  const reads: { answer(): void; fail(): void }[] = [];
  const findPage = async () =>
    await new Promise<Page>((resolve, reject) => {
      reads.push({ answer: () => resolve(page), fail: () => reject(new Error('the store is away')) });
    });
  const live = createLive({
    leaderboards: { rankings: { findPage } } as unknown as Leaderboards,
    changes: createBoardChanges(),
    config: { live: { maxConnections: 1, maxConnectionsPerAddress: 1, broadcastIntervalMs: 0 } },
    log: pino({ level: 'silent' }),
    options: { keepAliveMs: 0, rereadMs: 0 },
  });
  onTestFinished(async () => await live.stop(0));
  const watch = async () => {
    const watching = live.watch(input);
    reads.at(-1)?.answer();
    return await watching;
  };
  return { live, reads, watch };
}

test('who waits for a page has a place already, and gives it back when there is none', async () => {
  const { live, reads } = startLive();
  const waiting = live.watch(input);
  await expect(live.watch(input)).rejects.toMatchObject({ code: 'stream_capacity_reached' });
  expect(live.connections).toBe(1);
  reads[0]?.fail();
  await expect(waiting).rejects.toThrow('the store is away');
  expect(live.connections).toBe(0);
});

test('a client that left before its stream began takes no place', async () => {
  const { live, watch } = startLive();
  const watched = await watch();
  const { socket } = await openSocketPair();
  const begin = live.admit(socket, watched);
  const closed = once(socket, 'close');
  socket.destroy();
  await closed;
  begin();
  expect(watched.channel.size).toBe(0);
  expect(live.connections).toBe(0);
});

test('streams are kept open while the read of a board hangs', async () => {
  const { live, reads, watch } = startLive();
  const watched = await watch();
  const { socket, client } = await openSocketPair();
  live.admit(socket, watched)();
  const received = collect(client);
  const comments = () => received().split(': keep-alive').length;
  await until('a read hangs', () => reads.length === 2);
  const before = comments();
  await until('more comments came', () => comments() >= before + 2);
  expect(reads).toHaveLength(2);
});
