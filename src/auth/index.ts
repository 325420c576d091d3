/**
 * Who is calling: passwords, sessions, access and refresh tokens, API keys.
 *
 * An access token says who and in which session, for 15 minutes; whether the session still lives, and the role, come
 * from our rows, remembered for at most five seconds. A refresh token is good for one generation of its session.
 * Guards are middlewares that let one kind of caller pass. Secrets are stored as hashes only.
 */
export { createApiKey, revokeApiKey, seedApiKeys } from './api-keys.ts';
export { type Auth, createAuth } from './auth.ts';
export { actorOf, type Player } from './caller.ts';
export { ApiKeyName, ApiKeyRole, Password } from './credentials.ts';
export { playerWhen, requireGameService, requireOperator, requirePlayer } from './guards.ts';
export { endAccess } from './end-access.ts';
export { authHandlers } from './handlers.ts';
export { makeOperator } from './make-operator.ts';
export { promoteAccount } from './promote-account.ts';
export { createPasswordHasher } from './password-hasher.ts';
export { purgeExpiredSessions } from './purge-expired-sessions.ts';
export { purgeRefusedSubjects } from './purge-refused-subjects.ts';
