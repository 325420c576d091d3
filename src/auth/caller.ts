import type { Role } from '../users/index.ts';
import type { ApiKeyRole } from './credentials.ts';

export type { ApiKeyRole } from './credentials.ts';

/** A person. `sessionId` is missing when an external identity provider holds the session. */
export interface Player {
  readonly kind: 'player';
  readonly userId: string;
  readonly sessionId: string | undefined;
  readonly role: Role;
}

/** A program that holds an API key. */
export interface ApiKeyHolder {
  readonly kind: 'api_key';
  readonly apiKeyId: string;
  readonly role: ApiKeyRole;
}

export type Caller = Player | ApiKeyHolder;

/** Who did something, for the record. */
export function actorOf(caller: Caller): string {
  return caller.kind === 'player' ? `user:${caller.userId}` : `api_key:${caller.apiKeyId}`;
}
