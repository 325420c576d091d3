import { webcrypto } from 'node:crypto';

import { errors, jwtVerify, SignJWT } from 'jose';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';

import type { Clock } from '../clock.ts';

export const ACCESS_TOKEN_TTL_SECONDS = 900;
/** Servers' clocks differ by this much at the most. */
export const CLOCK_TOLERANCE_SECONDS = 5;

const ISSUER = 'laurel';
const AUDIENCE = 'laurel';
const ALGORITHM = 'HS256';
const MAX_CACHED = 20_000;

export interface AccessClaims {
  readonly userId: string;
  readonly sessionId: string;
}

const Payload = z.object({ sub: z.uuid(), sid: z.uuid(), exp: z.number() });

/** Signs and verifies Laurel's own access tokens (RFC 7519, RFC 9068 in spirit): who, and in which session. */
export interface AccessTokens {
  sign(claims: AccessClaims): Promise<string>;
  /** What verify said of a token before, while it is in time; undefined for any other. */
  recall(token: string): AccessClaims | undefined;
  /** Undefined for every token that is not ours, whole, and in time. */
  verify(token: string): Promise<AccessClaims | undefined>;
}

interface Verified {
  readonly claims: AccessClaims;
  readonly validUntilMs: number;
}

/** The first secret signs, all verify. Verified tokens are remembered until they expire. */
export function createAccessTokens(secrets: readonly string[], clock: Clock): AccessTokens {
  const keys = secrets.map(importKey);
  const verified = new LRUCache<string, Verified>({ max: MAX_CACHED });
  return {
    sign: async (claims) => {
      const [key] = keys;
      if (key === undefined) throw new Error('there is no secret to sign with');
      return await signAccessToken(claims, await key, clock);
    },
    recall: (token) => {
      const known = verified.get(token);
      return known !== undefined && clock() < known.validUntilMs ? known.claims : undefined;
    },
    verify: async (token) => {
      const fresh = await verifyWithAny(token, keys, clock);
      if (fresh === undefined) verified.delete(token);
      else verified.set(token, fresh);
      return fresh?.claims;
    },
  };
}

type CryptoKey = webcrypto.CryptoKey;

/** Once: jose imports a secret again with every token. */
async function importKey(secret: string): Promise<CryptoKey> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  return await webcrypto.subtle.importKey('raw', Buffer.from(secret), algorithm, false, ['sign', 'verify']);
}

async function signAccessToken(
  { userId, sessionId }: AccessClaims,
  key: CryptoKey,
  clock: Clock,
): Promise<string> {
  const issuedAt = Math.floor(clock() / 1000);
  return await new SignJWT({ sid: sessionId })
    .setProtectedHeader({ alg: ALGORITHM })
    .setSubject(userId)
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + ACCESS_TOKEN_TTL_SECONDS)
    .sign(key);
}

async function verifyWithAny(
  token: string,
  keys: readonly Promise<CryptoKey>[],
  clock: Clock,
): Promise<Verified | undefined> {
  for (const key of keys) {
    const payload = await verifyWith(token, await key, clock);
    if (payload !== undefined) return toVerified(payload);
  }
  return undefined;
}

async function verifyWith(token: string, key: CryptoKey, clock: Clock): Promise<unknown> {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      audience: AUDIENCE,
      requiredClaims: ['exp', 'sub', 'sid'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(clock()),
    });
    return payload;
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}

function toVerified(payload: unknown): Verified | undefined {
  const parsed = Payload.safeParse(payload);
  if (!parsed.success) return undefined;
  const { sub: userId, sid: sessionId, exp } = parsed.data;
  return { claims: { userId, sessionId }, validUntilMs: (exp + CLOCK_TOLERANCE_SECONDS) * 1000 };
}
