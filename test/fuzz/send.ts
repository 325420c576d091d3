import { type Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

import type { Exchange } from '../contract/find-violations.ts';
import type { Draft } from './drafts.ts';
import type { Memory } from './memory.ts';

/** Far above what any answer takes. */
const DEADLINE_MS = 15_000;

const MAX_REPEATS = 3;

/** The service refuses a longer body before it has read it. */
const MAX_BODY_BYTES = 16 * 1024;

/** Where requests go, and what they may refer to. */
export interface Target {
  readonly url: string;
  readonly agent: Agent;
  readonly memory: Memory;
}

/** Sends a draft as it is, by node:http: fetch would refuse or repair many. Rejects without an answer in time. */
export async function send(target: Target, draft: Draft): Promise<Exchange> {
  const path = toPath(draft, target.memory);
  const response = await exchange(target, path, draft);
  return {
    method: draft.method,
    url: `http://localhost${path}`,
    status: response.statusCode ?? 0,
    headers: toHeaders(response),
    body: await readBody(response),
  };
}

async function exchange(
  target: Target,
  path: string,
  draft: Draft,
  repeats = MAX_REPEATS,
): Promise<IncomingMessage> {
  const { url, agent, memory } = target;
  const { hostname, port } = new URL(url);
  const body = toBody(draft, memory);
  const headers = { ...toFraming(draft, body), ...fillHeaders(draft, memory) };
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const outgoing = request({ hostname, port, agent, method: draft.method, path, headers, signal });
  return await new Promise((resolve, reject) => {
    outgoing.on('response', resolve).on('error', (error: NodeJS.ErrnoException) => {
      const again = repeats > 0 && isLostAnswer(outgoing, body, error);
      if (again) resolve(exchange(target, path, draft, repeats - 1));
      else reject(error);
    });
    outgoing.end(body);
  });
}

/**
 * The service may close an idle connection just when it is used again, and one whose body it refuses before all of it
 * was sent: what it said then is lost (RFC 9112, 9.3.1 and 9.6).
 */
function isLostAnswer(outgoing: ClientRequest, body: string | Buffer | undefined, { code = '' }): boolean {
  const closed = ['ECONNRESET', 'EPIPE'].includes(code);
  return closed && (outgoing.reusedSocket || Buffer.byteLength(body ?? '') > MAX_BODY_BYTES);
}

/** Node's parser, not the service, answers a path with other characters. */
function toPath({ path, query, slot }: Draft, memory: Memory): string {
  const whole = memory.fill(query === '' ? path : `${path}?${query}`, slot);
  return whole.replaceAll(/[^!-~]+/gu, encodeURIComponent);
}

/** Node's client sends the body of a GET or DELETE without saying where it ends, unless told. */
function toFraming({ headers }: Draft, body: string | Buffer | undefined): Record<string, string> {
  if (body === undefined || 'Transfer-Encoding' in headers) return {};
  return { 'Content-Length': String(Buffer.byteLength(body)) };
}

function fillHeaders({ headers, slot }: Draft, memory: Memory) {
  const filled = Object.entries(headers).map(
    ([name, value]) => [name, typeof value === 'string' ? memory.fill(value, slot) : [...value]] as const,
  );
  return Object.fromEntries(filled);
}

function toBody({ json, raw, slot }: Draft, memory: Memory): string | Buffer | undefined {
  if (raw !== undefined) return raw;
  return json === undefined ? undefined : memory.fill(JSON.stringify(json), slot);
}

function toHeaders({ headersDistinct }: IncomingMessage): Headers {
  const pairs = Object.entries(headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
  return new Headers(pairs);
}

/** A stream has no end to wait for. */
async function readBody(response: IncomingMessage): Promise<string | undefined> {
  if (response.headers['content-type']?.startsWith('text/event-stream') !== true) return await text(response);
  response.destroy();
  return undefined;
}
