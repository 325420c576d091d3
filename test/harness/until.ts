const INTERVAL_MS = 10;

/**
 * Resolves with the first truthy value of `condition`; `label` names what was waited for.
 * Rejects after `timeoutMs`, with the condition's last error as the cause.
 */
export async function until<T>(
  label: string,
  condition: () => T | Promise<T>,
  { timeoutMs = 15_000 }: { timeoutMs?: number } = {},
): Promise<Exclude<T, false | undefined | null | 0 | ''>> {
  const deadline = Date.now() + timeoutMs;
  let cause: unknown;
  do {
    try {
      const value = await condition();
      if (value) return value as Exclude<T, false | undefined | null | 0 | ''>;
    } catch (error) {
      cause = error;
    }
    await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
  } while (Date.now() < deadline);
  throw new Error(`waited ${timeoutMs} ms in vain until ${label}`, { cause });
}
