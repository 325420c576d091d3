import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

const LENGTH_BYTES = 4;

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text of JSON. */
  readonly body?: string;
}

/** Writes requests as they go over the wire, each behind its length, so that sending one costs a write and no more. */
export function writeRequests(file: string, requests: Iterable<HttpRequest>): void {
  const descriptor = openSync(file, 'w');
  for (const request of requests) {
    const bytes = toBytes(request);
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt32LE(bytes.length);
    writeSync(descriptor, Buffer.concat([length, bytes]));
  }
  closeSync(descriptor);
}

export function readRequests(file: string): Buffer[] {
  const all = readFileSync(file);
  const requests: Buffer[] = [];
  for (let at = 0; at < all.length;) {
    const end = at + LENGTH_BYTES + all.readUInt32LE(at);
    requests.push(all.subarray(at + LENGTH_BYTES, end));
    at = end;
  }
  return requests;
}

function toBytes({ method, path, headers = {}, body = '' }: HttpRequest): Buffer {
  const content =
    body === '' ? {} : { 'content-type': 'application/json', 'content-length': String(body.length) };
  const lines = Object.entries({ host: '127.0.0.1', ...headers, ...content }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`, 'latin1');
}
