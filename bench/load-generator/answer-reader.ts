const CR = 0x0d;
const LF = 0x0a;
const HEAD_END = Buffer.from('\r\n\r\n');
const STATUS_AT = 'HTTP/1.1 '.length;
/** Of a number that JavaScript can tell exactly. */
const MAX_DIGITS = 16;
/** As servers write it. To look for any spelling takes a text of the whole head. */
const LENGTH_NAMES = [Buffer.from('\r\nContent-Length: '), Buffer.from('\r\ncontent-length: ')];

/**
 * Reads answers off a connection with one request in flight: call `read` with each chunk, whose memory may be used again
 * afterwards; it returns the status once an answer is whole. Knows Content-Length, chunks, and the statuses without a
 * body (RFC 9112, 6); no more is needed here.
 */
export class AnswerReader {
  #pending: Buffer | undefined;

  read(chunk: Buffer): number | undefined {
    const bytes = this.#pending === undefined ? chunk : Buffer.concat([this.#pending, chunk]);
    const end = endOfAnswer(bytes);
    if (end === undefined || end > bytes.length) {
      this.#pending = Buffer.from(bytes);
      return undefined;
    }
    if (end < bytes.length) throw new Error('an answer came that nobody asked for');
    this.#pending = undefined;
    return statusOf(bytes);
  }
}

function statusOf(bytes: Buffer): number {
  return Number(bytes.toString('latin1', STATUS_AT, STATUS_AT + 3));
}

/** Undefined as long as it cannot be known. */
function endOfAnswer(bytes: Buffer): number | undefined {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd < 0) return undefined;
  const bodyAt = headEnd + HEAD_END.length;
  const status = statusOf(bytes);
  if (status === 304 || status === 204) return bodyAt;
  const declared = declaredLength(bytes, headEnd);
  if (declared !== undefined) return bodyAt + declared;
  const head = bytes.toString('latin1', 0, headEnd);
  const [, length] = /\r\ncontent-length: *(\d+)/i.exec(head) ?? [];
  if (length !== undefined) return bodyAt + Number(length);
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) return endOfChunks(bytes, bodyAt);
  throw new Error(`an answer does not tell its length:\n${head}`);
}

function declaredLength(bytes: Buffer, headEnd: number): number | undefined {
  for (const name of LENGTH_NAMES) {
    const at = bytes.indexOf(name);
    const begin = at + name.length;
    if (at >= 0 && at < headEnd)
      return Number.parseInt(bytes.toString('latin1', begin, begin + MAX_DIGITS), 10);
  }
  return undefined;
}

function endOfChunks(bytes: Buffer, bodyAt: number): number | undefined {
  for (let at = bodyAt; at < bytes.length;) {
    const lineEnd = bytes.indexOf(LF, at);
    if (lineEnd < 0 || bytes[lineEnd - 1] !== CR) return undefined;
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd - 1), 16);
    const chunkEnd = lineEnd + 1 + size + 2;
    if (size === 0) return chunkEnd;
    at = chunkEnd;
  }
  return undefined;
}
