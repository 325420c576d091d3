import { describe, expect, it } from 'vitest';

import type { Bulkhead } from '../bulkhead.ts';
import { Coalescer } from './coalesce.ts';

/** A query whose runs the test ends itself, in any order. */
function controlledQuery() {
  const runs: { resolve: (value: string) => void; reject: (error: Error) => void }[] = [];
  const query = async () => await new Promise<string>((resolve, reject) => runs.push({ resolve, reject }));
  return { runs, query };
}

const PATIENT_MS = 60_000;

const unbounded: Bulkhead = async (work) => await work();

describe('Coalescer', () => {
  it('starts a lone read at once', async () => {
    const { runs, query } = controlledQuery();
    const read = new Coalescer(unbounded, PATIENT_MS).read('a', query);
    expect(runs).toHaveLength(1);
    runs[0]?.resolve('answer');
    expect(await read).toBe('answer');
  });

  it('never lets a read join a query that was running when it came', async () => {
    const reads = new Coalescer(unbounded, PATIENT_MS);
    const { runs, query } = controlledQuery();
    const first = reads.read('a', query);
    const second = reads.read('a', query);
    runs[0]?.resolve('before the update');
    expect(await first).toBe('before the update');
    await expect.poll(() => runs.length).toBe(2);
    runs[1]?.resolve('after the update');
    expect(await second).toBe('after the update');
  });

  it('lets every read that waits share one query', async () => {
    const reads = new Coalescer(unbounded, PATIENT_MS);
    const { runs, query } = controlledQuery();
    const first = reads.read('a', query);
    const waiting = Array.from({ length: 100 }, async () => await reads.read('a', query));
    runs[0]?.resolve('one');
    await first;
    await expect.poll(() => runs.length).toBe(2);
    runs[1]?.resolve('two');
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['two']));
    expect(runs).toHaveLength(2);
  });

  it('keeps reads of different keys apart', async () => {
    const reads = new Coalescer(unbounded, PATIENT_MS);
    const { runs, query } = controlledQuery();
    const both = [reads.read('a', query), reads.read('b', query)];
    expect(runs).toHaveLength(2);
    runs[0]?.resolve('a');
    runs[1]?.resolve('b');
    expect(await Promise.all(both)).toEqual(['a', 'b']);
  });

  it('fails only the reads of the query that failed', async () => {
    const reads = new Coalescer(unbounded, PATIENT_MS);
    const { runs, query } = controlledQuery();
    const first = reads.read('a', query);
    const second = reads.read('a', query);
    runs[0]?.reject(new Error('lost'));
    await expect(first).rejects.toThrow('lost');
    await expect.poll(() => runs.length).toBe(2);
    runs[1]?.resolve('back');
    expect(await second).toBe('back');
  });

  it('keeps nothing after the last read', async () => {
    const reads = new Coalescer(unbounded, PATIENT_MS);
    const { runs, query } = controlledQuery();
    const first = reads.read('a', query);
    runs[0]?.resolve('old');
    await first;
    const later = reads.read('a', query);
    expect(runs).toHaveLength(2);
    runs[1]?.resolve('new');
    expect(await later).toBe('new');
  });

  it('gives up the reads that wait too long for the one before, and serves those that come later', async () => {
    const reads = new Coalescer(unbounded, 20);
    const { runs, query } = controlledQuery();
    const first = reads.read('a', query);
    const waiting = [1, 2].map(async () => await reads.read('a', query));
    for (const read of waiting) await expect(read).rejects.toMatchObject({ code: 'unavailable' });
    const later = reads.read('a', query);
    runs[0]?.resolve('late');
    expect(await first).toBe('late');
    await expect.poll(() => runs.length).toBe(2);
    runs[1]?.resolve('new');
    expect(await later).toBe('new');
  });
});
