const COMMAND_MS = 150;

export interface Limits {
  /** For each command, pipeline, transaction or script; 150 ms unless given. */
  readonly commandMs?: number;
  /** For all of them together, from the moment at which the limits are set. */
  readonly totalMs?: number;
}

export interface Deadline {
  readonly commandMs: number;
  /** By the clock of `performance.now()`. */
  readonly endsAt: number;
}

export function toDeadline({ commandMs = COMMAND_MS, totalMs = Infinity }: Limits): Deadline {
  return { commandMs, endsAt: performance.now() + totalMs };
}

/** Resolves after `ms`, or at once when the signal is aborted; keeps no process alive. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms).unref();
    signal.addEventListener('abort', done);
  });
}
