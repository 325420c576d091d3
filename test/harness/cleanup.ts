import { afterAll } from 'vitest';

const cleanups: (() => Promise<void> | void)[] = [];

/** Runs after the last test of the file, in reverse order of the calls, wherever in the file it is called. */
export function cleanUp(cleanup: () => Promise<void> | void): void {
  cleanups.push(cleanup);
}

afterAll(async () => {
  const failures: unknown[] = [];
  for (const cleanup of cleanups.toReversed()) {
    try {
      await cleanup();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'cleaning up after the tests failed');
});
