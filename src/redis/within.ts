import { RedisUnavailable } from './errors.ts';

/**
 * Resolves as `work` does. Rejects with RedisUnavailable after `ms` or when `closing` is aborted, and aborts the signal
 * that the work was given; one that succeeds nevertheless has to clean up after itself.
 */
export async function within<Result>(
  ms: number,
  closing: AbortSignal,
  work: (over: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const over = new AbortController();
  return await new Promise<Result>((resolve, reject) => {
    const giveUp = (message: string) => {
      over.abort();
      reject(new RedisUnavailable(message));
    };
    const onClosing = () => giveUp('the client is closed');
    const timer = setTimeout(giveUp, ms, `Redis did not answer within ${ms} ms`);
    closing.addEventListener('abort', onClosing);
    work(over.signal)
      .finally(() => {
        clearTimeout(timer);
        closing.removeEventListener('abort', onClosing);
      })
      .then(resolve, reject);
  });
}
