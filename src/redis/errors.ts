/** Redis cannot be asked now: it is away, silent or busy, or the client is closed. Callers go on without it. */
export class RedisUnavailable extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'RedisUnavailable';
  }
}

/** Redis answered with an error, and did nothing. `code` is its first word, such as OOM, READONLY or WRONGTYPE. */
export class RedisRefused extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'RedisRefused';
    this.code = code;
  }
}

/** A server that answers everything in this way for a while cannot be used. */
const absent = new Set(['LOADING', 'BUSY']);

/** What an error reply means; undefined for a text that no Redis wrote, such as a gateway's. */
export function toRefusal(reply: string): RedisRefused | RedisUnavailable | undefined {
  const [code] = /^[A-Z][A-Z0-9_]+(?= |$)/.exec(reply) ?? [];
  if (code === undefined) return undefined;
  return absent.has(code) ? new RedisUnavailable(reply) : new RedisRefused(code, reply);
}
