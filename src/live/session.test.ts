import { once } from 'node:events';

import { describe, expect, test } from 'vitest';

import { collect, openSocketPair } from '../../test/harness/socket-pair.ts';
import { until } from '../../test/harness/until.ts';
import type { Page } from '../leaderboards/index.ts';
import { Channel } from './channel.ts';
import { Session } from './session.ts';

/** More than the buffers of both ends hold. */
const LARGE = 8 * 2 ** 20;

/** A session with the client's end of its connection. */
async function openSession() {
  const { socket, client } = await openSocketPair();
  return { session: new Session(socket), socket, client };
}

function eventOf(version: number, bytes = `event ${version};`) {
  return { version, bytes: Buffer.from(bytes) };
}

describe('a session', () => {
  test('sends each event once, and none that is older', async () => {
    const { session, client } = await openSession();
    const received = collect(client);
    for (const version of [1, 2, 2, 1, 3]) session.show(eventOf(version));
    await until('all came', () => received().includes('event 3;'));
    expect(received()).toBe('event 1;event 2;event 3;');
  });

  test('queues nothing for a client that does not read, which skips to the newest when it does', async () => {
    const { session, socket, client } = await openSession();
    session.show(eventOf(1, 'x'.repeat(LARGE)));
    for (let version = 2; version < 1000; version += 1) session.show(eventOf(version));
    session.keepAlive(Buffer.from('alive;'));
    expect(session.isBehind).toBe(true);
    expect(socket.writableLength).toBeLessThanOrEqual(LARGE);

    const received = collect(client);
    await until('it is up to date', () => {
      session.catchUp(eventOf(1000), 60_000);
      return !session.isBehind;
    });
    await until('it has the newest', () => received().includes('event 1000;'));
    expect(received().slice(LARGE)).toBe('event 1000;');
  });

  test('is overdue when it stays behind', async () => {
    const { session } = await openSession();
    session.show(eventOf(1, 'x'.repeat(LARGE)));
    session.show(eventOf(2));
    expect(session.catchUp(eventOf(3), 60_000)).toBe(false);
    await until('it is overdue', () => session.catchUp(eventOf(3), 20));
  });

  test('that was behind is sent no comment before the newest event', async () => {
    const { session, socket, client } = await openSession();
    session.show(eventOf(1, 'x'.repeat(LARGE)));
    session.show(eventOf(2));
    const received = collect(client);
    await until('everything has left', () => socket.writableLength === 0);
    session.keepAlive(Buffer.from('alive;'));
    expect(session.isBehind).toBe(true);
    session.catchUp(eventOf(2), 60_000);
    expect(session.isBehind).toBe(false);
    await until('it has the newest', () => received().endsWith('event 2;'));
    expect(received().slice(LARGE)).toBe('event 2;');
  });

  test('is no longer behind when it took the newest event late', async () => {
    const { session, socket, client } = await openSession();
    session.show(eventOf(1, 'x'.repeat(LARGE)));
    session.keepAlive(Buffer.from('alive;'));
    expect(session.isBehind).toBe(true);
    client.resume();
    await until('everything has left', () => socket.writableLength === 0);
    expect(session.catchUp(eventOf(1), 0)).toBe(false);
    expect(session.isBehind).toBe(false);
  });

  test('ends with a last event', async () => {
    const { session, client } = await openSession();
    const received = collect(client);
    session.show(eventOf(1));
    session.end(Buffer.from('closing;'));
    await once(client, 'end');
    expect(received()).toBe('event 1;closing;');
  });

  test('ends at once when its client is behind', async () => {
    const { session, socket } = await openSession();
    session.show(eventOf(1, 'x'.repeat(LARGE)));
    session.end(Buffer.from('closing;'));
    expect(socket.destroyed).toBe(true);
  });
});

function pageOf(totalScore: number, username: string): Page {
  return {
    leaderboardId: 'global',
    totalPlayers: 1,
    entries: [
      { rank: 1, userId: 'user', username, totalScore, scoreFirstReachedAt: '2026-01-31T09:30:00.000001Z' },
    ],
    source: 'postgres',
    readAt: totalScore,
  };
}

test('a channel cuts who stays behind, and nobody else', async () => {
  const channel = new Channel(1);
  const [stalled, reading] = [await openSession(), await openSession()];
  const received = collect(reading.client);
  await channel.show(pageOf(1, 'x'.repeat(LARGE)));
  channel.join(stalled.session);
  channel.join(reading.session);
  await until('the reader has it', () => received().length > LARGE);
  await channel.show(pageOf(2, 'second'));
  await until('the reader has the second', () => received().includes('second'));
  await until('the other is cut', async () => {
    await channel.sweep({ keepAliveMs: 60_000, writeDeadlineMs: 100 });
    return stalled.socket.destroyed;
  });
  expect(reading.socket.destroyed).toBe(false);
});

test('a channel brings up to date who was behind when it joined', async () => {
  const channel = new Channel(1);
  await channel.show(pageOf(1, 'first'));
  const { session, socket, client } = await openSession();
  socket.write('x'.repeat(LARGE));
  channel.join(session);
  expect(session.isBehind).toBe(true);
  const received = collect(client);
  await until('the page came', async () => {
    await channel.sweep({ keepAliveMs: 60_000, writeDeadlineMs: 60_000 });
    return received().includes('"username":"first"');
  });
});

test('a channel sends a comment when it was quiet for long enough', async () => {
  const channel = new Channel(1);
  await channel.show({
    leaderboardId: 'global',
    totalPlayers: 0,
    entries: [],
    source: 'postgres',
    readAt: 1,
  });
  const { session, client } = await openSession();
  const received = collect(client);
  channel.join(session);
  await channel.sweep({ keepAliveMs: 60_000, writeDeadlineMs: 60_000 });
  await channel.sweep({ keepAliveMs: 0, writeDeadlineMs: 60_000 });
  await until('it came', () => received().includes('keep-alive'));
  expect(received().match(/: keep-alive\n\n/g)).toHaveLength(1);
});
