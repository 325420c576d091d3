import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** Whatever is logged under one of these names is replaced, at any of the depths at which we log. */
const secretFields = [
  'authorization',
  'password',
  'token',
  'secret',
  'api_key',
  'access_token',
  'refresh_token',
  'action_token',
];

/** Written at once when so much is there, else a moment later: each write takes as long as making several lines. */
const WRITE_BYTES = 4096;
const WRITE_AFTER_MS = 100;

/**
 * Standard output, or error, for whole lines, which are written together: within a moment, and at the latest when the
 * process exits. Writers share one: two would cut each other's lines in pieces.
 */
export function openOutput(descriptor: 1 | 2 = 1): Output {
  const output = pino.destination({ dest: descriptor, minLength: WRITE_BYTES });
  let due: NodeJS.Timeout | undefined;
  const flush = () => {
    due = undefined;
    output.flush();
  };
  return {
    write: (line) => {
      output.write(line);
      due ??= setTimeout(flush, WRITE_AFTER_MS).unref();
    },
    flushSync: () => output.flushSync(),
  };
}

/** Before it exits for an error, pino has everything written. */
interface Output extends DestinationStream {
  flushSync(): void;
}

/** JSON lines, on stdout by default. An error is logged with its code and stack, never with a statement's parameters. */
export function createLogger(level: string, destination: DestinationStream = openOutput()): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secretFields.flatMap((field) => [field, `*.${field}`]), censor: '[redacted]' },
      serializers: { err: toLoggedError },
    },
    destination,
  );
}

/** One cause usually fails all of them. */
const MAX_LOGGED_ERRORS = 3;

interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly stack: string | undefined;
  readonly cause?: LoggedError;
  /** The first errors of an AggregateError. */
  readonly errors?: readonly LoggedError[];
  /** How many more it has. */
  readonly unlogged?: number;
}

/** Drizzle puts a statement's parameters into the message of what it throws: only its cause is told. */
function toLoggedError(error: unknown): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error), stack: undefined };
  const { code } = error as { code?: unknown };
  const queryFailed = error.constructor.name === 'DrizzleQueryError';
  return {
    type: error.constructor.name,
    message: queryFailed ? 'query failed' : error.message,
    ...(typeof code === 'string' && { code }),
    stack: queryFailed ? undefined : error.stack,
    ...(error.cause instanceof Error && { cause: toLoggedError(error.cause) }),
    ...(error instanceof AggregateError && toLoggedErrors(error.errors)),
  };
}

function toLoggedErrors(errors: readonly unknown[]): Pick<LoggedError, 'errors' | 'unlogged'> {
  const unlogged = errors.length - MAX_LOGGED_ERRORS;
  return {
    errors: errors.slice(0, MAX_LOGGED_ERRORS).map(toLoggedError),
    ...(unlogged > 0 && { unlogged }),
  };
}
