/** Ends the demo with a message for the person who runs it; exit code 1 unless it is about the flags. */
export class DemoError extends Error {
  override name = 'DemoError';
  readonly exitCode: number;

  constructor(message: string, options: ErrorOptions & { exitCode?: number } = {}) {
    super(message, options);
    this.exitCode = options.exitCode ?? 1;
  }
}
