import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import { z } from 'zod';

import type { Clock } from '../clock.ts';
import type { ExternalIssuer } from '../config.ts';
import { unavailable } from '../errors.ts';
import { CLOCK_TOLERANCE_SECONDS } from './access-token.ts';

/** Asymmetric only: with a shared secret, whoever can verify could sign (RFC 8725, 3.1 and 3.2). */
export const ASYMMETRIC_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

const JWKS_TIMEOUT_MS = 3000;

const Subject = z
  .string()
  .min(1)
  .max(255)
  .regex(/^\P{C}+$/u);

/** Verifies access tokens of an external identity provider. */
export interface ExternalTokens {
  /** Returns the provider's issuer and subject as one text; undefined for a token that is not to be trusted. */
  verify(token: string): Promise<string | undefined>;
}

/** Keys are fetched when first needed and again when unknown. Throws unavailable when they cannot be had. */
export function createExternalTokens(
  { jwksUrl, issuer, audience }: ExternalIssuer,
  clock: Clock,
): ExternalTokens {
  const keys = createRemoteJWKSet(jwksUrl, { timeoutDuration: JWKS_TIMEOUT_MS });
  return {
    verify: async (token) => {
      try {
        const { payload } = await jwtVerify(token, keys, {
          algorithms: ASYMMETRIC_ALGORITHMS,
          issuer,
          audience,
          requiredClaims: ['exp', 'sub'],
          clockTolerance: CLOCK_TOLERANCE_SECONDS,
          currentDate: new Date(clock()),
        });
        const subject = Subject.safeParse(payload.sub);
        return subject.success ? `${issuer} ${subject.data}` : undefined;
      } catch (error) {
        if (isRefusal(error)) return undefined;
        throw unavailable("the identity provider's keys could not be fetched", { cause: error });
      }
    },
  };
}

/** What is wrong with the token, as opposed to what is wrong with fetching the keys. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof errors.JOSEError)) return false;
  return (
    error.code !== 'ERR_JOSE_GENERIC' &&
    error.code !== 'ERR_JWKS_TIMEOUT' &&
    error.code !== 'ERR_JWKS_INVALID'
  );
}
