import { RedisUnavailable } from './errors.ts';
import type { Listening } from './transport.ts';

export interface RestServer {
  readonly restUrl: string;
  readonly restToken: string;
}

/**
 * Subscribes by Server-Sent Events. Not with `subscribe` of @upstash/redis, which tells nobody that its stream ended.
 * A message must not contain a line break.
 */
export async function listenToEvents(
  { restUrl, restToken }: RestServer,
  channel: string,
  onMessage: (message: string) => void,
  over: AbortSignal,
): Promise<Listening> {
  const discarded = new AbortController();
  over.addEventListener('abort', () => discarded.abort(), { once: true });
  const response = await fetch(`${restUrl.replace(/\/$/, '')}/subscribe/${encodeURIComponent(channel)}`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${restToken}`, Accept: 'text/event-stream' },
    signal: discarded.signal,
  });
  const lines = linesOf(response);
  await subscribed(lines, channel);
  const prefix = `data: message,${channel},`;
  const ended = eachLine(lines, (line) => line.startsWith(prefix) && onMessage(line.slice(prefix.length)));
  return { ended, discard: () => discarded.abort() };
}

async function subscribed(lines: AsyncGenerator<string>, channel: string): Promise<void> {
  for (;;) {
    const { value, done } = await lines.next();
    if (done === true) throw new RedisUnavailable('the subscription was not confirmed');
    if (value.startsWith(`data: subscribe,${channel},`)) return;
  }
}

async function eachLine(lines: AsyncGenerator<string>, tell: (line: string) => void): Promise<unknown> {
  try {
    for await (const line of lines) tell(line);
    return new RedisUnavailable('the subscription ended');
  } catch (error) {
    return error;
  }
}

async function* linesOf(response: Response): AsyncGenerator<string> {
  if (!response.ok || response.body === null)
    throw new RedisUnavailable(`subscribing answered ${response.status}`);
  let rest = '';
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}
