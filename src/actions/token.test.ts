import { createHmac } from 'node:crypto';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { anyForgery } from '../../test/harness/token-mutations.ts';
import { AppError, type ErrorCode } from '../errors.ts';
import { type ActionClaims, openActionToken, signActionToken } from './token.ts';

/** `LAUREL_FORGED_TOKENS=1000000` makes the run of record; the default keeps the suite short. */
const FORGERIES = Number(process.env['LAUREL_FORGED_TOKENS'] ?? 50_000);

const secret = 'a-secret-of-at-least-thirty-two-bytes';
const claims: ActionClaims = {
  actionId: 'quest-42',
  userId: '0192f0c4-7d3a-7c31-9f00-1a2b3c4d5e6f',
  maxScore: 100,
  expiresAt: 1_800_000_000,
  leaderboardId: 'global',
};

const anyClaims: fc.Arbitrary<ActionClaims> = fc.record({
  actionId: fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
  userId: fc.uuid(),
  maxScore: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  expiresAt: fc.integer({ min: 1, max: 999_999_999_999 }),
  leaderboardId: fc.oneof(fc.constant('global'), fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,63}$/)),
});

function refusal(token: string, secrets: readonly string[] = [secret]): ErrorCode | 'accepted' {
  try {
    openActionToken(token, secrets);
    return 'accepted';
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

/** Signs any payload, as only somebody who knows the secret could. */
function signPayload(payload: string | Buffer): string {
  return signBase64(Buffer.from(payload).toString('base64'));
}

function signBase64(base64: string): string {
  return `${base64}:${createHmac('sha256', secret).update(base64).digest('hex')}`;
}

describe('an action token', () => {
  it('has the form of the specification', () => {
    const payload = `quest-42:${claims.userId}:100:1800000000`;
    const base64 = Buffer.from(payload).toString('base64');
    const hmac = createHmac('sha256', secret).update(base64).digest('hex');
    expect(signActionToken(claims, secret)).toBe(`${base64}:${hmac}`);
  });

  it('names a leaderboard other than global in a fifth field', () => {
    const token = signActionToken({ ...claims, leaderboardId: 'weekly' }, secret);
    const payload = Buffer.from(token.split(':')[0] ?? '', 'base64').toString();
    expect(payload).toBe(`quest-42:${claims.userId}:100:1800000000:weekly`);
  });

  it('returns the claims that were signed', () => {
    fc.assert(
      fc.property(anyClaims, (any) => {
        expect(openActionToken(signActionToken(any, secret), [secret])).toEqual(any);
      }),
    );
  });

  it('is refused after any change of one byte', () => {
    fc.assert(
      fc.property(anyClaims, fc.nat(), fc.integer({ min: 1, max: 255 }), (any, at, change) => {
        const bytes = Buffer.from(signActionToken(any, secret), 'latin1');
        const index = at % bytes.length;
        bytes[index] = (bytes[index] ?? 0) ^ change;
        expect(refusal(bytes.toString('latin1'))).toMatch(/^action_token_(malformed|invalid)$/);
      }),
      { numRuns: 2000 },
    );
  });

  it('is refused at every truncation, from either end', () => {
    const token = signActionToken(claims, secret);
    for (let length = 0; length < token.length; length += 1) {
      expect(refusal(token.slice(0, length))).not.toBe('accepted');
      expect(refusal(token.slice(token.length - length))).not.toBe('accepted');
    }
  });

  it('is accepted with every listed secret, and with no other', () => {
    const old = 'the-secret-before-the-rotation-000000';
    const token = signActionToken(claims, old);
    expect(openActionToken(token, [secret, old])).toEqual(claims);
    expect(refusal(token, [secret])).toBe('action_token_invalid');
    expect(refusal(token, [])).toBe('action_token_invalid');
  });

  it.each([
    ['base64 with bits that decoding drops', () => nonCanonical()],
    [
      'base64 without its padding',
      () =>
        signBase64(
          Buffer.from(payloadOf({ actionId: 'a' }))
            .toString('base64')
            .replace(/=+$/, ''),
        ),
    ],
    ['the URL-safe alphabet', () => signBase64(Buffer.from('\u00fb\u00ff', 'latin1').toString('base64url'))],
    ['a signature in upper case', () => upperCaseSignature()],
    ['a line break at the end', () => `${signActionToken(claims, secret)}\n`],
    ['a fifth field that names the global leaderboard', () => signPayload(`${payloadOf({})}:global`)],
    ['an empty fifth field', () => signPayload(`${payloadOf({})}:`)],
    ['six fields', () => signPayload(`${payloadOf({})}:weekly:more`)],
    ['three fields', () => signPayload(`quest-42:${claims.userId}:100`)],
    ['a max_score above 2^53 - 1', () => signPayload(payloadOf({ maxScore: '9007199254740992' }))],
    ['a max_score with a leading zero', () => signPayload(payloadOf({ maxScore: '0100' }))],
    ['a max_score of 0', () => signPayload(payloadOf({ maxScore: '0' }))],
    ['a negative max_score', () => signPayload(payloadOf({ maxScore: '-1' }))],
    ['a max_score in exponent form', () => signPayload(payloadOf({ maxScore: '1e3' }))],
    ['a user id in upper case', () => signPayload(payloadOf({ userId: claims.userId.toUpperCase() }))],
    ['a colon in the action id', () => signPayload(payloadOf({ actionId: 'a:b' }))],
    ['an action id of 65 characters', () => signPayload(payloadOf({ actionId: 'a'.repeat(65) }))],
    ['a byte above ASCII', () => signPayload(Buffer.from(payloadOf({ actionId: 'caf\u00e9' }), 'latin1'))],
    ['a NUL byte', () => signPayload(payloadOf({ actionId: 'a\u0000' }))],
    ['nothing', () => ''],
    ['a megabyte', () => 'A'.repeat(1_000_000)],
  ])('is malformed with %s, even when signed', (_name, make) => {
    expect(refusal(make())).toBe('action_token_malformed');
  });
});

describe('a forged action token', () => {
  /** Sets of claims that differ in everything, and in one field only; the same in every run, so that a seed repeats one. */
  const signed = fc
    .sample(anyClaims, { numRuns: 50, seed: 1 })
    .flatMap((any) => [any, { ...any, maxScore: 1 }, { ...claims, actionId: any.actionId }]);
  const real = signed.map((any) => signActionToken(any, secret));

  it('is made of real ones, which are accepted', () => {
    expect(real.map((token) => openActionToken(token, [secret]))).toEqual(signed);
  });

  it('is never accepted', { timeout: 600_000 }, () => {
    // What an attacker can sign is refused before it is changed.
    const foreign = signed.map((any) => signActionToken(any, 'b-secret-of-at-least-thirty-two-bytes'));
    for (const token of foreign) expect(refusal(token)).toBe('action_token_invalid');
    const forgery = fc.oneof({ weight: 9, arbitrary: anyForgery(real) }, anyForgery(foreign));
    const refused: Record<string, number> = {};
    fc.assert(
      fc.property(forgery, (token) => {
        const code = refusal(token);
        refused[code] = (refused[code] ?? 0) + 1;
        return code === 'action_token_malformed' || code === 'action_token_invalid';
      }),
      { numRuns: FORGERIES },
    );
    // Not all of them fail for their form alone.
    expect(refused['action_token_invalid']).toBeGreaterThan(FORGERIES / 20);
    expect(Object.values(refused).reduce((sum, count) => sum + count)).toBe(FORGERIES);
  });
});

function payloadOf(change: Readonly<Record<string, string>>): string {
  const { actionId, userId, maxScore, expiresAt } = { ...claims, ...change };
  return [actionId, userId, maxScore, expiresAt].join(':');
}

/** Sets bits of the last character that lie beyond the last byte: decoders ignore them. */
function nonCanonical(): string {
  const base64 = Buffer.from(payloadOf({ actionId: 'a' })).toString('base64');
  const padding = base64.length - base64.replace(/=+$/, '').length;
  expect(padding).toBeGreaterThan(0);
  const last = base64.length - padding - 1;
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const twin = alphabet[alphabet.indexOf(base64[last] ?? '') + 1] ?? '';
  const changed = base64.slice(0, last) + twin + base64.slice(last + 1);
  expect(Buffer.from(changed, 'base64')).toEqual(Buffer.from(base64, 'base64'));
  return signBase64(changed);
}

function upperCaseSignature(): string {
  const [base64, signature = ''] = signActionToken(claims, secret).split(':');
  return `${base64}:${signature.toUpperCase()}`;
}
