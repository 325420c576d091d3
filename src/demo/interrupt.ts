const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What a shell reports for a program that SIGINT ended. */
const EXIT_CODE_OF_SIGINT = 130;

/** npm passes on the Ctrl-C that the terminal has sent to the demo already: two so close together are one. */
const SAME_MS = 1000;

/**
 * Returns a signal that is aborted by the first Ctrl-C, SIGTERM or SIGHUP, or when nobody reads the output any
 * more. The second one ends the process at once.
 */
export function listenForInterrupt(output: NodeJS.WritableStream): AbortSignal {
  const interrupt = new AbortController();
  let firstAt = Infinity;
  for (const signal of signals) {
    process.on(signal, () => {
      if (Date.now() - firstAt > SAME_MS) process.exit(EXIT_CODE_OF_SIGINT);
      firstAt = Math.min(firstAt, Date.now());
      interrupt.abort();
    });
  }
  output.on('error', () => interrupt.abort());
  return interrupt.signal;
}
