/** Why fetch failed, in a word where there is one: it hides what happened ("fetch failed") in the cause. */
export function toFailureReason(error: unknown): string {
  const { cause = error } = error as { cause?: unknown };
  const { code, message, name } = cause as NodeJS.ErrnoException;
  if (name === 'TimeoutError') return 'timeout';
  return typeof code === 'string' ? code : message;
}
