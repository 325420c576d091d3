import { describe, expect, it } from 'vitest';

import type { Database } from '../db/index.ts';
import { createHealth } from './health.ts';

/** A database that answers when the test says so. */
function controlledDatabase() {
  const pings: { answer: () => void; fail: () => void }[] = [];
  const run = async () =>
    await new Promise((resolve, reject) => {
      pings.push({ answer: () => resolve([]), fail: () => reject(new Error('down')) });
    });
  return { db: { run } as unknown as Database, pings };
}

describe('the readiness of a process', () => {
  it('is asked of the database once for all who ask meanwhile', async () => {
    const { db, pings } = controlledDatabase();
    const health = createHealth({ db: db });
    const checks = Array.from({ length: 100 }, async () => await health.check());
    expect(pings).toHaveLength(1);
    pings[0]?.answer();
    for (const check of checks) expect(await check).toMatchObject({ ready: true });
  });

  it('is asked anew of the database by whoever comes later', async () => {
    const { db, pings } = controlledDatabase();
    const health = createHealth({ db: db });
    const first = health.check();
    pings[0]?.answer();
    expect(await first).toMatchObject({ ready: true });
    const second = health.check();
    expect(pings).toHaveLength(2);
    pings[1]?.fail();
    expect(await second).toEqual({ ready: false, checks: { postgres: 'failed' } });
  });

  it('is denied after a second of silence, and asked anew afterwards', async () => {
    const { db, pings } = controlledDatabase();
    const health = createHealth({ db: db });
    expect(await health.check()).toMatchObject({ ready: false });
    const later = health.check();
    expect(pings).toHaveLength(2);
    pings[1]?.answer();
    expect(await later).toMatchObject({ ready: true });
  });

  it('is denied to those who asked before a stop and are answered after it', async () => {
    const { db, pings } = controlledDatabase();
    const health = createHealth({ db: db });
    const check = health.check();
    health.stopping();
    pings[0]?.answer();
    expect(await check).toMatchObject({ ready: false, checks: { postgres: 'ok' } });
  });
});
