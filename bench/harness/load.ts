import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { LoadPlan, LoadResult } from '../load-generator/plan.ts';
import { type HttpRequest, writeRequests } from '../load-generator/request-file.ts';

const generator = fileURLToPath(new URL('../load-generator/main.ts', import.meta.url));

export interface Load extends Omit<LoadPlan, 'requestFile'> {
  readonly requests: Iterable<HttpRequest>;
  /** The one right status. */
  readonly expect: number;
}

/** Loads a server from a process of its own. Throws when any answer had another status than the expected one. */
export async function runLoad({ requests, expect, ...plan }: Load): Promise<LoadResult> {
  const directory = mkdtempSync(join(tmpdir(), 'laurel-load-'));
  const requestFile = join(directory, 'requests');
  try {
    writeRequests(requestFile, requests);
    const result = await generate({ ...plan, requestFile });
    const others = Object.keys(result.statuses).filter((status) => Number(status) !== expect);
    if (others.length > 0 || result.answers === 0)
      throw new Error(`not every answer had status ${expect}: ${JSON.stringify(result.statuses)}`);
    return result;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function generate(plan: LoadPlan): Promise<LoadResult> {
  const child = fork(generator, { execArgv: ['--import', 'tsx'] });
  const exited = once(child, 'exit').then(([code]) => {
    throw new Error(`the load generator ended with ${code} before it told what it measured`);
  });
  const answered = once(child, 'message') as Promise<[LoadResult]>;
  child.send(plan);
  const [result] = await Promise.race([answered, exited]);
  await exited.catch(() => {});
  return result;
}
