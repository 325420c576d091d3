import { createHmac, randomUUID } from 'node:crypto';

import { decodeJwt, decodeProtectedHeader, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, it } from 'vitest';

import { CLOCK_TOLERANCE_SECONDS, createAccessTokens } from './access-token.ts';

const secret = 'a-secret-of-at-least-thirty-two-bytes';
const claims = { userId: randomUUID(), sessionId: randomUUID() };
const startMs = 1_800_000_000_000;

/** A clock that only this test moves, and tokens that live by it. */
function setUp(secrets: readonly string[] = [secret]) {
  let nowMs = startMs;
  const tokens = createAccessTokens(secrets, () => nowMs);
  return { tokens, advance: (ms: number) => void (nowMs += ms) };
}

/** A token that differs from a good one in what is given; undefined takes a claim away. */
async function forge(
  change: Readonly<Record<string, unknown>> = {},
  { alg = 'HS256', key = secret } = {},
): Promise<string> {
  return await new SignJWT({ ...goodPayload(), ...change })
    .setProtectedHeader({ alg })
    .sign(new TextEncoder().encode(key));
}

function goodPayload(): JWTPayload {
  const iat = startMs / 1000;
  return {
    sub: claims.userId,
    sid: claims.sessionId,
    iss: 'laurel',
    aud: 'laurel',
    iat,
    exp: iat + 900,
  };
}

/** HMAC-SHA256 with our own secret, whatever the header says. */
function signAs(alg: string): string {
  const input = [{ alg }, goodPayload()]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

describe('an access token', () => {
  it('says who, in which session, and until when', async () => {
    const token = await setUp().tokens.sign(claims);
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'HS256' });
    expect(decodeJwt(token)).toEqual(goodPayload());
  });

  it('returns the claims that were signed', async () => {
    const { tokens } = setUp();
    expect(await tokens.verify(await tokens.sign(claims))).toEqual(claims);
  });

  it.each([
    ['unseen', false],
    ['remembered', true],
  ])('that is %s is valid for 15 minutes and 5 seconds of tolerance', async (_name, seen) => {
    const { tokens, advance } = setUp();
    const token = await tokens.sign(claims);
    if (seen) await tokens.verify(token);
    advance(904_999);
    expect(await tokens.verify(token)).toEqual(claims);
    advance(1);
    expect(await tokens.verify(token)).toBeUndefined();
  });

  it('that was never presented before is refused after its time', async () => {
    const { tokens, advance } = setUp();
    const token = await tokens.sign(claims);
    advance(905_000);
    expect(await tokens.verify(token)).toBeUndefined();
  });

  it('is recalled once it was verified, until its time is over', async () => {
    const { tokens, advance } = setUp();
    const token = await tokens.sign(claims);
    expect(tokens.recall(token)).toBeUndefined();
    await tokens.verify(token);
    expect(tokens.recall(token)).toEqual(claims);
    expect(tokens.recall(`${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`)).toBeUndefined();
    advance((900 + CLOCK_TOLERANCE_SECONDS) * 1000 - 1);
    expect(tokens.recall(token)).toEqual(claims);
    advance(1);
    expect(tokens.recall(token)).toBeUndefined();
  });

  it('is signed with the first secret and accepted with every one', async () => {
    const old = setUp(['the-secret-before-the-rotation-000000']);
    const rotated = setUp([secret, 'the-secret-before-the-rotation-000000']);
    const after = setUp([secret]);
    expect(await rotated.tokens.verify(await old.tokens.sign(claims))).toEqual(claims);
    expect(await after.tokens.verify(await rotated.tokens.sign(claims))).toEqual(claims);
    expect(await after.tokens.verify(await old.tokens.sign(claims))).toBeUndefined();
  });

  it('is accepted in the form that the next table spoils', async () => {
    expect(await setUp().tokens.verify(await forge())).toEqual(claims);
  });

  it.each([
    ['another secret', () => forge({}, { key: 'another-secret-of-thirty-two-bytes-00' })],
    ['HS384', () => forge({}, { alg: 'HS384' })],
    ['HS512', () => forge({}, { alg: 'HS512' })],
    ['the algorithm none over our signature', () => signAs('none')],
    ['the algorithm RS256 over our signature', () => signAs('RS256')],
    ['an algorithm in lower case', () => signAs('hs256')],
    ['no signature', () => new UnsecuredJWT(goodPayload()).encode()],
    ['another issuer', () => forge({ iss: 'https://id.example' })],
    ['no issuer', () => forge({ iss: undefined })],
    ['another audience', () => forge({ aud: 'crown' })],
    ['no audience', () => forge({ aud: undefined })],
    ['no expiry', () => forge({ exp: undefined })],
    ['an expiry that is past', () => forge({ exp: startMs / 1000 - 5 })],
    ['a time before which it is not valid', () => forge({ nbf: startMs / 1000 + 60 })],
    ['no user', () => forge({ sub: undefined })],
    ['a user that is no UUID', () => forge({ sub: 'admin' })],
    ['no session', () => forge({ sid: undefined })],
    ['a session that is no UUID', () => forge({ sid: "'; DROP TABLE users" })],
    ['a session that is a number', () => forge({ sid: 1 })],
    ['an empty text', () => ''],
    ['two dots', () => '..'],
    ['three words', () => 'not.a.token'],
  ])('is refused with %s', async (_name, make) => {
    expect(await setUp().tokens.verify(await make())).toBeUndefined();
  });

  it('is refused when its payload was exchanged, even after the original was remembered', async () => {
    const { tokens } = setUp();
    const token = await tokens.sign(claims);
    await tokens.verify(token);
    const [header, , signature] = token.split('.');
    const [, payload] = (await forge({ sub: randomUUID() })).split('.');
    expect(await tokens.verify(`${header}.${payload}.${signature}`)).toBeUndefined();
  });
});
