import { describe, expect, test } from 'vitest';

import { AnswerReader } from './answer-reader.ts';

const answers: readonly (readonly [name: string, status: number, text: string])[] = [
  ['a length', 200, 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'],
  [
    'chunks',
    201,
    'HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\na\r\n world and\r\n0\r\n\r\n',
  ],
  ['no body', 304, 'HTTP/1.1 304 Not Modified\r\netag: "1"\r\n\r\n'],
  ['an empty body', 503, 'HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n'],
];

describe('an answer with', () => {
  test.each(answers)('%s is read whole', (_, status, text) => {
    expect(new AnswerReader().read(Buffer.from(text))).toBe(status);
  });

  test.each(answers)('%s is read in single bytes, and another after it', (_, status, text) => {
    const reader = new AnswerReader();
    for (let round = 0; round < 2; round += 1) {
      // One memory for all chunks, as a socket reads into it.
      const chunk = Buffer.alloc(1);
      const statuses = [...Buffer.from(text)].map((byte) => reader.read(chunk.fill(byte)));
      expect(statuses.slice(0, -1)).toEqual(statuses.slice(0, -1).map(() => undefined));
      expect(statuses.at(-1)).toBe(status);
    }
  });
});

test('an answer without a length is refused', () => {
  expect(() => new AnswerReader().read(Buffer.from('HTTP/1.1 200 OK\r\n\r\n'))).toThrow(
    'does not tell its length',
  );
});

test('bytes after an answer are refused', () => {
  const text = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\nHTTP';
  expect(() => new AnswerReader().read(Buffer.from(text))).toThrow('nobody asked for');
});
