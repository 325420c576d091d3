import { randomInt } from 'node:crypto';

import type { Tally } from './tally.ts';

interface Call {
  readonly token?: string;
  /** Makes it a POST. */
  readonly body?: unknown;
  /** The one right status: any other is an error. */
  readonly expect: number;
}

export interface Client {
  /** Returns the parsed answer. */
  call<Body = unknown>(path: string, call: Call): Promise<Body>;
  /** Sends a request and leaves without its answer. */
  hangUp(path: string): Promise<void>;
  /** How many were sent. */
  requests(): number;
}

/** A crowd's way to the service, each request from an address of its own. */
export function createClient(url: string, errors: Tally): Client {
  let requests = 0;
  const send = async (path: string, init: RequestInit) => {
    requests += 1;
    return await fetch(url + path, init);
  };
  return {
    call: async <Body>(path: string, call: Call) => {
      const response = await send(path, toRequest(call));
      const body: unknown = await response.json();
      if (response.status !== call.expect) errors.add(describe(path, response.status, body));
      return body as Body;
    },
    hangUp: async (path) => {
      const leaving = new AbortController();
      const answer = send(path, { headers: headersOf({}), signal: leaving.signal });
      setImmediate(() => leaving.abort());
      await answer.catch(() => {});
    },
    requests: () => requests,
  };
}

function toRequest({ token, body }: Omit<Call, 'expect'>): RequestInit {
  const headers = headersOf({ ...(token !== undefined && { Authorization: `Bearer ${token}` }) });
  if (body === undefined) return { headers };
  return {
    method: 'POST',
    headers: { ...headers, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  };
}

function headersOf(headers: Readonly<Record<string, string>>): Record<string, string> {
  return { 'X-Forwarded-For': `10.${randomInt(4)}.${randomInt(256)}.${randomInt(256)}`, ...headers };
}

function describe(path: string, status: number, body: unknown): string {
  const route = path.split('?')[0]?.replaceAll(/[0-9a-f-]{36}/g, '{id}');
  return `${route}: ${status} ${(body as { code?: string }).code}`;
}
