import { connect } from 'node:net';

import { onTestFinished } from 'vitest';

import { until } from './until.ts';

/** A total of the best player, and when it was told, by the clock of `performance.now()`. */
export interface Sight {
  readonly total: number;
  readonly at: number;
}

/** A stream of which only the best player's total is kept, so that hundreds of them cost little. */
export interface LeaderStream {
  /** In the order in which they came. */
  readonly seen: readonly Sight[];
  /** Reads no more from its connection: what the server writes stays in the buffers between. */
  stopReading(): void;
}

/** Resolves with the first page; closed after the test. */
export async function openLeaderStream(url: string): Promise<LeaderStream> {
  const { host, hostname, port, pathname, search } = new URL(url);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  // A server that cuts a connection may reset it.
  socket.on('error', () => {});
  const seen: Sight[] = [];
  let rest = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    rest += chunk;
    const end = rest.lastIndexOf('\n\n');
    if (end === -1) return;
    const newest = rest.slice(Math.max(0, rest.lastIndexOf('\nevent: leaderboard', end)), end);
    const total = /"total_score":(\d+)/.exec(newest)?.[1];
    if (total !== undefined) seen.push({ total: Number(total), at: performance.now() });
    rest = rest.slice(end + 2);
  });
  socket.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  await until('the stream has a page', () => seen.length > 0);
  return { seen, stopReading: () => void socket.pause() };
}

/** How long after each of the totals was acknowledged the stream showed it or a later one, in milliseconds. */
export function delaysOf({ seen }: LeaderStream, acknowledged: readonly Sight[]): number[] {
  let next = 0;
  return acknowledged.map(({ total, at }) => {
    while (next < seen.length && (seen[next]?.total ?? 0) < total) next += 1;
    return Math.max(0, (seen[next]?.at ?? Infinity) - at);
  });
}
