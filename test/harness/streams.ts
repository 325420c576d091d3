import { once } from 'node:events';
import { type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';

import { onTestFinished } from 'vitest';

import type { PageBody } from './play.ts';
import { until } from './until.ts';

interface Visible extends PageBody {
  readonly version: number;
}

interface ReceivedEvent {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly retry: string | undefined;
  readonly data: string | undefined;
}

export interface TestStream {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Everything that came so far, as it was sent. */
  text(): string;
  /** The events that are complete, in order. */
  events(): ReceivedEvent[];
  /** The pages that came, in order. */
  pages(): Visible[];
  /** Resolves with the first page, the newest included, that the condition holds of. */
  untilPage(label: string, condition: (page: Visible) => boolean): Promise<Visible>;
  /** Resolves when the server has ended it. */
  readonly ended: Promise<void>;
  /** Reads no more; the server's writes fill the buffers between. */
  pause(): void;
  close(): void;
}

/** Opens a stream on a connection of its own, closed after the test. */
export async function openStream(url: string, headers: Record<string, string> = {}): Promise<TestStream> {
  const asking = request(url, { agent: false, headers: { Accept: 'text/event-stream', ...headers } });
  onTestFinished(() => void asking.destroy());
  asking.end();
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  return toStream(asking, response);
}

function toStream(asking: ClientRequest, response: IncomingMessage): TestStream {
  let received = '';
  response.setEncoding('utf8').on('data', (chunk: string) => (received += chunk));
  // A server that cuts a connection may reset it.
  for (const side of [asking, response]) side.on('error', () => {});
  const events = () => received.split('\n\n').slice(0, -1).map(toEvent);
  const pages = () =>
    events()
      .filter(({ event }) => event === 'leaderboard')
      .map(({ data }) => JSON.parse(data ?? '') as Visible);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text: () => received,
    events,
    pages,
    untilPage: async (label, condition) => await until(label, () => pages().find(condition)),
    ended: new Promise((resolve) => response.once('close', resolve)),
    pause: () => void response.pause(),
    close: () => void asking.destroy(),
  };
}

function toEvent(block: string): ReceivedEvent {
  const field = (name: string) =>
    block
      .split('\n')
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2);
  return { id: field('id'), event: field('event'), retry: field('retry'), data: field('data') };
}
