import { DemoError } from './demo-error.ts';
import { toFailureReason } from './failure-reason.ts';
import { pause } from './pause.ts';

export interface Probe {
  readonly state: 'ready' | 'not ready' | 'something else' | 'nothing';
  readonly detail: string;
}

const PROBE_TIMEOUT_MS = 2000;
const PROBE_INTERVAL_MS = 100;

/** Resolves once a Laurel is ready at `url`. Throws a DemoError that says what is there instead. */
export async function awaitReady(url: string, deadlineMs: number, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  let last = await probe(url);
  while (last.state !== 'ready' && Date.now() < deadline && !signal.aborted) {
    await pause(PROBE_INTERVAL_MS, signal);
    last = await probe(url);
  }
  if (last.state === 'ready') return;
  if (signal.aborted) throw new DemoError('Stopped before the game began.');
  throw new DemoError(notReady(url, last));
}

function notReady(url: string, { state, detail }: Probe): string {
  if (state === 'nothing') return `Nothing answers at ${url} (${detail}).`;
  if (state === 'not ready') return `The Laurel at ${url} is not ready: its PostgreSQL does not answer.`;
  return `What answers at ${url} is not a Laurel (${detail}): set PORT to a free port, or --url to a Laurel.`;
}

/** Asks what listens at `url`. */
export async function probe(url: string): Promise<Probe> {
  try {
    const response = await fetch(`${url}/health/ready`, {
      redirect: 'error',
      signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
    });
    return toProbe(response, await response.text());
  } catch (error) {
    const detail = toFailureReason(error);
    const state = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN)$/.test(detail) ? 'nothing' : 'something else';
    return { state, detail };
  }
}

function toProbe({ ok, status }: Response, text: string): Probe {
  const detail = `HTTP ${status}`;
  const isLaurel = /"status":"(not_)?ready"/.test(text) && text.includes('"checks"');
  if (!isLaurel) return { state: 'something else', detail };
  return { state: ok ? 'ready' : 'not ready', detail };
}
