import { describe, expect, it } from 'vitest';

import { createBulkhead } from './bulkhead.ts';

const turnedAway = { code: 'unavailable', message: 'full', retryAfterSeconds: 1 };
const PATIENT_MS = 60_000;

/** Work that runs until the test ends it; `begun` names what was begun, in that order. */
function controlledWork() {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (name: string) => async () => {
    begun.push(name);
    await new Promise<void>((resolve) => ends.set(name, resolve));
    return name;
  };
  return { begun, work, end: (name: string) => ends.get(name)?.() };
}

describe('a bulkhead', () => {
  it('runs as much as it may at once, and the rest in order of arrival', async () => {
    const bulkhead = createBulkhead({ concurrent: 2, waiting: 9, maxWaitMs: PATIENT_MS, message: 'full' });
    const { begun, work, end } = controlledWork();
    const all = ['a', 'b', 'c', 'd'].map(async (name) => await bulkhead(work(name)));
    await expect.poll(() => begun).toEqual(['a', 'b']);
    end('b');
    await expect.poll(() => begun).toEqual(['a', 'b', 'c']);
    end('a');
    await expect.poll(() => begun).toEqual(['a', 'b', 'c', 'd']);
    for (const name of ['c', 'd']) end(name);
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('turns away at once whoever finds the line full', async () => {
    const bulkhead = createBulkhead({ concurrent: 1, waiting: 1, maxWaitMs: PATIENT_MS, message: 'full' });
    const { begun, work, end } = controlledWork();
    const running = bulkhead(work('running'));
    const waiting = bulkhead(work('waiting'));
    await expect(bulkhead(work('refused'))).rejects.toMatchObject(turnedAway);
    end('running');
    await running;
    await expect.poll(() => begun).toEqual(['running', 'waiting']);
    end('waiting');
    await waiting;
  });

  it('turns away whoever waited too long, and never begins that work', async () => {
    const bulkhead = createBulkhead({ concurrent: 1, waiting: 1, maxWaitMs: 20, message: 'full' });
    const { begun, work, end } = controlledWork();
    const running = bulkhead(work('running'));
    await expect(bulkhead(work('late'))).rejects.toMatchObject(turnedAway);
    const next = bulkhead(work('next'));
    end('running');
    await running;
    await expect.poll(() => begun).toEqual(['running', 'next']);
    end('next');
    expect(await next).toBe('next');
  });

  it('has no patience with the line, and all with the work', async () => {
    const bulkhead = createBulkhead({ concurrent: 1, waiting: 1, maxWaitMs: 20, message: 'full' });
    const { begun, work, end } = controlledWork();
    const running = bulkhead(work('running'));
    const waiting = bulkhead(work('waiting'));
    end('running');
    await running;
    await expect.poll(() => begun).toContain('waiting');
    await expect(bulkhead(work('late'))).rejects.toMatchObject(turnedAway);
    end('waiting');
    expect(await waiting).toBe('waiting');
  });

  it('goes on after work that fails', async () => {
    const bulkhead = createBulkhead({ concurrent: 1, waiting: 1, maxWaitMs: PATIENT_MS, message: 'full' });
    const failing = bulkhead(async () => await Promise.reject(new Error('lost')));
    const next = bulkhead(async () => await Promise.resolve('next'));
    await expect(failing).rejects.toThrow('lost');
    expect(await next).toBe('next');
    expect(await bulkhead(async () => await Promise.resolve('later'))).toBe('later');
  });
});
