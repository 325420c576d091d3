import { Agent } from 'node:http';
import { inspect } from 'node:util';

import fc from 'fast-check';
import { afterEach, expect, inject, it } from 'vitest';

import { readDocument } from './contract/document.ts';
import { type Exchange, findViolations } from './contract/find-violations.ts';
import { createContract } from './contract/observer.ts';
import { anyDraft, type Draft } from './fuzz/drafts.ts';
import { Memory } from './fuzz/memory.ts';
import { anyMutation } from './fuzz/mutations.ts';
import { send, type Target } from './fuzz/send.ts';
import { copyEmbeddedTemplate, createTestDatabase } from './harness/database.ts';
import { startProcess } from './harness/process.ts';

/** Sent to each store. `LAUREL_FUZZ_REQUESTS=10000` makes the run of record; the default keeps the suite short. */
const REQUESTS = Number(process.env['LAUREL_FUZZ_REQUESTS'] ?? 760);
/** Makes the same requests again; a failure tells it. The suite makes the same ones always, the run of record others. */
const SEED =
  process.env['LAUREL_FUZZ_SEED'] ?? (process.env['LAUREL_FUZZ_REQUESTS'] === undefined ? '1' : undefined);
const AT_ONCE = 20;

const stores = {
  postgres: async () => ({ DATABASE_URL: (await createTestDatabase()).url }),
  embedded: async () => ({ DATA_DIR: await copyEmbeddedTemplate() }),
};

const contract = createContract(readDocument(inject('runDirectory')));
const document = contract.document;

const draft = fc
  .tuple(anyDraft(document), fc.oneof(fc.constant([]), fc.array(anyMutation, { minLength: 1, maxLength: 3 })))
  .map(([valid, mutations]) => mutations.reduce((made, mutate) => mutate(made), valid));

const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
afterEach(() => agent.destroy());

/** Sends a request and learns from its answer. Throws, with the request, when the answer should not be. */
async function ask(target: Target, sent: Draft): Promise<Exchange> {
  try {
    const exchange = await send(target, sent);
    if (!isRedisDisabled(exchange)) expect(exchange.status, exchange.body).toBeLessThan(500);
    expect(findViolations(contract, exchange), exchange.body).toEqual([]);
    if (exchange.body?.startsWith('{') === true)
      target.memory.learn(JSON.parse(exchange.body) as Record<string, unknown>);
    return exchange;
  } catch (error) {
    throw new Error(`sent ${inspect(sent, { depth: 5, maxStringLength: 500 })}`, { cause: error });
  }
}

/**
 * What has no meaning without Redis says so, and that is no failure. An answer to HEAD says it by its headers alone: of
 * all 503 it is the one that waiting does not help.
 */
function isRedisDisabled({ method, status, headers, body }: Exchange): boolean {
  if (status !== 503 || headers.has('Retry-After')) return false;
  return method === 'HEAD' || body?.includes('"code":"redis_disabled"') === true;
}

/** Requests of before have made what these refer to. */
async function askAll(
  target: Target,
  drafts: readonly Draft[],
  answered: Map<string, number>,
): Promise<void> {
  const exchanges = await Promise.all(drafts.map(async (sent) => await ask(target, sent)));
  for (const { status } of exchanges) answered.set(String(status), (answered.get(String(status)) ?? 0) + 1);
}

it.each(['postgres', 'embedded'] as const)(
  'answers whatever is asked as documented, with the %s store',
  { timeout: 1_800_000 },
  async (store) => {
    const { url, logs } = await startProcess({ RATE_LIMIT_ENABLED: 'false', ...(await stores[store]()) });
    const target = { url, agent, memory: new Memory() };
    const answered = new Map<string, number>();
    const property = fc.asyncProperty(
      fc.array(draft, { minLength: AT_ONCE, maxLength: AT_ONCE }),
      async (drafts) => await askAll(target, drafts, answered),
    );
    const { failed, seed, errorInstance } = await fc.check(property, {
      numRuns: Math.ceil(REQUESTS / AT_ONCE),
      // The service has changed by then, so a smaller failure would be another one.
      endOnFailure: true,
      ...(SEED !== undefined && { seed: Number(SEED) }),
    });
    if (failed) throw new Error(`LAUREL_FUZZ_SEED=${seed} makes these requests`, { cause: errorInstance });
    for (const status of ['200', '201', '204', '400', '401', '403', '404', '409']) {
      expect(answered.get(status) ?? 0, status).toBeGreaterThan(0);
    }
    expect(logs.filter(({ level }) => Number(level) >= 50)).toEqual([]);
  },
);
