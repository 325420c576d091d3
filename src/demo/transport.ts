import pLimit from 'p-limit';

import { toFailureReason } from './failure-reason.ts';
import type { Meter, RequestKind } from './meter.ts';

const REQUEST_TIMEOUT_MS = 10_000;
const MAX_IN_FLIGHT = 32;

export interface Done<Body> {
  readonly kind: 'done';
  readonly body: Body;
  readonly replayed: boolean;
  /** The service's clock in milliseconds since 1970, to the second. */
  readonly serverTimeMs: number;
}

export interface Refused {
  readonly kind: 'refused';
  readonly code: string;
  readonly detail: string;
  readonly retryAfterMs: number;
}

/** Nobody can say whether the request took effect: no answer, or one of 500 and above. */
export interface Lost {
  readonly kind: 'lost';
  readonly reason: string;
  readonly retryAfterMs: number;
}

export type Answer<Body> = Done<Body> | Refused | Lost;

interface RequestOptions {
  /** GET without a body, and POST with one. */
  readonly method?: string;
  readonly bearer?: string;
  readonly body?: object;
  readonly kind?: RequestKind;
}

/** What of the global `fetch` is used. */
type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface TransportOptions {
  /** Where the service is, without a slash at its end. */
  readonly url: string;
  readonly meter: Meter;
  readonly fetch: Fetch;
}

export type Call = <Body>(path: string, options?: RequestOptions) => Promise<Answer<Body>>;

/** Makes the function that sends a request, at most 32 at a time, each for 10 seconds at most. It never throws. */
export function createTransport({ url, meter, fetch }: TransportOptions): Call {
  const slots = pLimit(MAX_IN_FLIGHT);
  return async <Body>(path: string, options: RequestOptions = {}) =>
    await slots(async () => {
      const startedAt = performance.now();
      const answer = await send<Body>(fetch, url + path, options);
      if (answer.kind === 'lost') meter.lost(answer.reason);
      else meter.answered(options.kind ?? 'other', performance.now() - startedAt);
      return answer;
    });
}

async function send<Body>(fetch: Fetch, url: string, options: RequestOptions): Promise<Answer<Body>> {
  try {
    const response = await fetch(url, toRequestInit(options));
    return toAnswer<Body>(response, await response.text());
  } catch (error) {
    return { kind: 'lost', reason: toFailureReason(error), retryAfterMs: 0 };
  }
}

function toRequestInit({ method, bearer, body }: RequestOptions): RequestInit {
  return {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...(bearer !== undefined && { Authorization: `Bearer ${bearer}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    redirect: 'error',
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  };
}

function toAnswer<Body>({ ok, status, headers }: Response, text: string): Answer<Body> {
  const isJson = /\bjson\b/.test(headers.get('Content-Type') ?? '');
  const body: unknown = isJson ? JSON.parse(text) : {};
  if (ok && !isJson) return { kind: 'lost', reason: 'an answer that is not JSON', retryAfterMs: 0 };
  if (ok) {
    const replayed = headers.get('Idempotent-Replayed') === 'true';
    return { kind: 'done', body: body as Body, replayed, serverTimeMs: serverTimeMs(headers) };
  }
  const { code = `http_${status}`, detail = '' } = body as { code?: string; detail?: string };
  const retryAfterMs = (Number(headers.get('Retry-After')) || 0) * 1000;
  return status >= 500
    ? { kind: 'lost', reason: code, retryAfterMs }
    : { kind: 'refused', code, detail, retryAfterMs };
}

function serverTimeMs(headers: Headers): number {
  const time = Date.parse(headers.get('Date') ?? '');
  return Number.isNaN(time) ? Date.now() : time;
}
