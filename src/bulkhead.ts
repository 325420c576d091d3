import { unavailable } from './errors.ts';

interface BulkheadOptions {
  readonly concurrent: number;
  readonly waiting: number;
  /** How long a caller may stand in line before it is turned away, its work never begun. */
  readonly maxWaitMs: number;
  /** Why a caller is turned away. */
  readonly message: string;
}

/**
 * Runs work with a bounded share of what everybody needs, in order of arrival. Throws unavailable: at once when the
 * line is full, after `maxWaitMs` in it otherwise.
 */
export type Bulkhead = <Result>(work: () => Promise<Result>) => Promise<Result>;

export function createBulkhead({ concurrent, waiting, maxWaitMs, message }: BulkheadOptions): Bulkhead {
  /** In order of arrival. */
  const line = new Set<() => void>();
  let running = 0;

  const standInLine = async () =>
    await new Promise<void>((resolve, reject) => {
      const begin = () => {
        clearTimeout(timer);
        line.delete(begin);
        resolve();
      };
      const timer = setTimeout(() => {
        line.delete(begin);
        reject(unavailable(message));
      }, maxWaitMs);
      line.add(begin);
    });

  /** Hands the place to the next in line, so that nobody who comes meanwhile can take it. */
  const leave = () => {
    const [next] = line;
    if (next === undefined) running -= 1;
    else next();
  };

  return async (work) => {
    if (running < concurrent) running += 1;
    else if (line.size < waiting) await standInLine();
    else throw unavailable(message);
    try {
      return await work();
    } finally {
      leave();
    }
  };
}
