/** How one request of a load ended. Times are those of `performance.now()`. */
export interface Observed {
  readonly what: string;
  readonly beganAt: number;
  readonly endedAt: number;
  readonly outcome: 'answered' | 'unavailable' | 'flawed';
  /** Why it is flawed: no answer came, or another failure than the 503 of the contract. */
  readonly flaw?: string;
  readonly body: unknown;
  /** Which store answered a read of a leaderboard. */
  readonly source?: string | null;
}

const GIVE_UP_MS = 60_000;

/** Sends a request and judges its answer: a success, an `unavailable` as the contract describes it, or a flaw. */
export async function observe(what: string, url: string, init: RequestInit = {}): Promise<Observed> {
  const beganAt = performance.now();
  const end = () => ({ what, beganAt, endedAt: performance.now() });
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(GIVE_UP_MS) });
    const text = await response.text();
    return { ...end(), ...judge(response, text), source: response.headers.get('X-Leaderboard-Source') };
  } catch (error) {
    const { message, cause } = error as Error;
    return { ...end(), outcome: 'flawed', flaw: `${message}: ${String(cause)}`, body: undefined };
  }
}

function judge({ status, headers }: Response, text: string): Pick<Observed, 'outcome' | 'flaw' | 'body'> {
  const type = headers.get('Content-Type') ?? '';
  const body: unknown = type.includes('json') ? JSON.parse(text) : text;
  if (status < 300) return { outcome: 'answered', body };
  const promised =
    status === 503 &&
    type.startsWith('application/problem+json') &&
    (body as { code?: unknown }).code === 'unavailable' &&
    Number(headers.get('Retry-After')) > 0;
  if (promised) return { outcome: 'unavailable', body };
  return { outcome: 'flawed', flaw: `${status} ${type} ${text}`, body };
}
