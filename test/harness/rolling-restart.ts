import { nth } from './fleet.ts';
import { startProcess, type TestProcess } from './process.ts';
import { until } from './until.ts';

interface Request {
  /** GET without a body, and POST with one. */
  readonly method?: string;
  readonly token?: string;
  readonly body?: unknown;
}

interface Answer {
  /** 0 when no answer came; the body says why. */
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Several processes behind what a load balancer does: each request goes to the next one that is in service. */
export interface Balancer {
  readonly send: (path: string, request?: Request) => Promise<Answer>;
  readonly processes: () => readonly TestProcess[];
  /** As a rolling deployment: one process after another is taken out of service, drained, and replaced. */
  readonly restartEach: (env: Readonly<Record<string, string>>) => Promise<void>;
}

interface Target {
  process: TestProcess;
  inService: boolean;
  inFlight: number;
}

export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

export async function balance(count: number, env: Readonly<Record<string, string>>): Promise<Balancer> {
  const start = async () => ({ process: await startProcess(env), inService: true, inFlight: 0 });
  const targets: readonly Target[] = await Promise.all(Array.from({ length: count }, start));
  let turn = 0;
  return {
    processes: () => targets.map(({ process }) => process),
    send: async (path, request) => {
      turn += 1;
      const inService = targets.filter((target) => target.inService);
      return await sendTo(nth(inService, turn), path, request);
    },
    restartEach: async (next) => {
      for (const target of targets) await replace(target, next);
    },
  };
}

async function sendTo(target: Target, path: string, { method, token, body }: Request = {}): Promise<Answer> {
  target.inFlight += 1;
  try {
    const response = await fetch(target.process.url + path, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: {
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? undefined : JSON.parse(text),
    };
  } catch (error) {
    return { status: 0, headers: new Headers(), body: String((error as Error).cause ?? error) };
  } finally {
    target.inFlight -= 1;
  }
}

async function replace(target: Target, env: Readonly<Record<string, string>>): Promise<void> {
  target.inService = false;
  await until('nothing is in flight', () => target.inFlight === 0, { timeoutMs: 30_000 });
  await target.process.stop();
  target.process = await startProcess(env);
  target.inService = true;
}
