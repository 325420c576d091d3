import { decodeProtectedHeader } from 'jose';

import type { AccessClaims } from './access-token.ts';
import { hashApiKey } from './api-key-hash.ts';
import type { Auth } from './auth.ts';
import type { Caller, Player } from './caller.ts';
import { ASYMMETRIC_ALGORITHMS } from './external-token.ts';
import { findOrMakeExternalAccount, hashSubject } from './external-account.ts';

/**
 * Tells who presents a bearer credential: an access token of ours, one of the external issuer, or an API key.
 * Undefined for anything that is not valid right now. Throws unauthenticated, with the reason, for a deleted account.
 */
export async function authenticate(auth: Auth, credential: string): Promise<Caller | undefined> {
  const known = auth.accessTokens.recall(credential);
  if (known !== undefined) return await findPlayer(auth, known);
  const algorithm = jwtAlgorithm(credential);
  if (algorithm === undefined) return await authenticateApiKey(auth, credential);
  if (ASYMMETRIC_ALGORITHMS.includes(algorithm)) return await authenticateExternal(auth, credential);
  return await authenticateSession(auth, credential);
}

/** The algorithm only chooses the verifier; each verifier accepts none but its own. */
function jwtAlgorithm(credential: string): string | undefined {
  if (!/^[\w-]+\.[\w-]+\.[\w-]*$/.test(credential)) return undefined;
  try {
    return decodeProtectedHeader(credential).alg ?? 'none';
  } catch {
    return undefined;
  }
}

async function authenticateSession(auth: Auth, token: string): Promise<Player | undefined> {
  const claims = await auth.accessTokens.verify(token);
  return claims && (await findPlayer(auth, claims));
}

/** Undefined when the session has ended. */
async function findPlayer(auth: Auth, { userId, sessionId }: AccessClaims): Promise<Player | undefined> {
  const player = await auth.sessions.get(sessionId, async () => {
    const session = await auth.lookUpSession(sessionId);
    return session && { kind: 'player', ...session };
  });
  return player?.userId === userId ? player : undefined;
}

async function authenticateApiKey(auth: Auth, apiKey: string): Promise<Caller | undefined> {
  const keyHash = hashApiKey(apiKey);
  return await auth.apiKeys.get(keyHash, async () => await auth.lookUpApiKey(keyHash));
}

async function authenticateExternal(auth: Auth, token: string): Promise<Player | undefined> {
  const subject = await auth.externalTokens?.verify(token);
  if (subject === undefined) return undefined;
  return await auth.externalPlayers.get(hashSubject(subject), async () => {
    const account = await findOrMakeExternalAccount(auth, subject);
    return { kind: 'player', sessionId: undefined, ...account };
  });
}
