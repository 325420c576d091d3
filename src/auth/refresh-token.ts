import { createHmac, timingSafeEqual } from 'node:crypto';

/** A refresh token is valid for one generation of its session; using it begins the next. */
export interface RefreshClaims {
  readonly sessionId: string;
  readonly generation: number;
}

const TOKEN_FORM = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(0|[1-9]\d{0,8})\.([0-9a-f]{64})$/;

/** `session_id.generation.HMAC`. */
export function signRefreshToken({ sessionId, generation }: RefreshClaims, secret: string): string {
  const payload = `${sessionId}.${generation}`;
  return `${payload}.${hmac(payload, secret).toString('hex')}`;
}

/** Returns the claims of a token that one of `secrets` signed, otherwise undefined. Says nothing about the session. */
export function openRefreshToken(token: string, secrets: readonly string[]): RefreshClaims | undefined {
  const [, sessionId, generation, signature] = TOKEN_FORM.exec(token) ?? [];
  if (sessionId === undefined || generation === undefined || signature === undefined) return undefined;
  const given = Buffer.from(signature, 'hex');
  const isOurs = secrets.some((secret) => timingSafeEqual(hmac(`${sessionId}.${generation}`, secret), given));
  return isOurs ? { sessionId, generation: Number(generation) } : undefined;
}

/** The prefix keeps these signatures apart from others made with the same secret, such as access tokens'. */
function hmac(payload: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(`laurel refresh token ${payload}`).digest();
}
