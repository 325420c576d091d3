import { createHmac } from 'node:crypto';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { openRefreshToken, type RefreshClaims, signRefreshToken } from './refresh-token.ts';

const secret = 'a-secret-of-at-least-thirty-two-bytes';
const sessionId = '0192f0c4-7d3a-7c31-9f00-1a2b3c4d5e6f';
const claims: RefreshClaims = { sessionId, generation: 7 };

const anyClaims: fc.Arbitrary<RefreshClaims> = fc.record({
  sessionId: fc.uuid(),
  generation: fc.integer({ min: 0, max: 999_999_999 }),
});

/** Signs any payload, as only somebody who knows the secret could. */
function signPayload(payload: string): string {
  const signature = createHmac('sha256', secret).update(`laurel refresh token ${payload}`).digest('hex');
  return `${payload}.${signature}`;
}

describe('a refresh token', () => {
  it('returns the claims that were signed', () => {
    fc.assert(
      fc.property(anyClaims, (any) => {
        expect(openRefreshToken(signRefreshToken(any, secret), [secret])).toEqual(any);
      }),
    );
  });

  it('is refused after any change of one character', () => {
    const printable = fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCodePoint(code));
    fc.assert(
      fc.property(anyClaims, fc.nat(), printable, (any, at, character) => {
        const token = signRefreshToken(any, secret);
        const index = at % token.length;
        fc.pre(token[index] !== character);
        const changed = token.slice(0, index) + character + token.slice(index + 1);
        expect(openRefreshToken(changed, [secret])).toBeUndefined();
      }),
      { numRuns: 2000 },
    );
  });

  it('is refused at every truncation, from either end', () => {
    const token = signRefreshToken(claims, secret);
    for (let length = 0; length < token.length; length += 1) {
      expect(openRefreshToken(token.slice(0, length), [secret])).toBeUndefined();
      expect(openRefreshToken(token.slice(token.length - length), [secret])).toBeUndefined();
    }
  });

  it('is accepted with every listed secret, and with no other', () => {
    const old = 'the-secret-before-the-rotation-000000';
    const token = signRefreshToken(claims, old);
    expect(openRefreshToken(token, [secret, old])).toEqual(claims);
    expect(openRefreshToken(token, [secret])).toBeUndefined();
    expect(openRefreshToken(token, [])).toBeUndefined();
  });

  it('is refused when the same secret signed it for another purpose', () => {
    const payload = `${sessionId}.7`;
    const signature = createHmac('sha256', secret).update(payload).digest('hex');
    expect(openRefreshToken(`${payload}.${signature}`, [secret])).toBeUndefined();
  });

  it('is accepted in the form that the next table spoils', () => {
    expect(openRefreshToken(signPayload(`${sessionId}.7`), [secret])).toEqual(claims);
  });

  it.each([
    ['a generation with a leading zero', signPayload(`${sessionId}.07`)],
    ['a signed generation', signPayload(`${sessionId}.+7`)],
    ['a negative generation', signPayload(`${sessionId}.-7`)],
    ['a generation that no column holds', signPayload(`${sessionId}.9999999999`)],
    ['a generation in exponent form', signPayload(`${sessionId}.1e3`)],
    ['no generation', signPayload(`${sessionId}.`)],
    ['a fourth part', signPayload(`${sessionId}.7.7`)],
    ['a session id in upper case', signPayload(`${sessionId.toUpperCase()}.7`)],
    ['a session id in braces', signPayload(`{${sessionId}}.7`)],
    ['no session id', signPayload('.7')],
    ['a signature in upper case', `${sessionId}.7.${signPayload(`${sessionId}.7`).slice(-64).toUpperCase()}`],
    ['a line break at the end', `${signPayload(`${sessionId}.7`)}\n`],
    ['a space before it', ` ${signPayload(`${sessionId}.7`)}`],
    ['a NUL byte', signPayload(`${sessionId}.7\0`)],
    ['nothing', ''],
    ['a megabyte', 'a'.repeat(1_000_000)],
  ])('is refused with %s, even when signed', (_name, token) => {
    expect(openRefreshToken(token, [secret])).toBeUndefined();
  });
});
