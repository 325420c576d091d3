import { randomBytes } from 'node:crypto';

import type { Client, Credentials, Tokens } from './client.ts';
import { DemoError } from './demo-error.ts';
import { untilAnswered } from './until-answered.ts';
import { inventUsername } from './usernames.ts';

interface Session {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly renewAtMs: number;
}

export interface Player {
  readonly userId: string;
  readonly credentials: Credentials;
  readonly cheats: boolean;
  /** How likely a turn is theirs: skill, times a form that comes and goes, so that ranks change. */
  readonly skill: number;
  readonly phase: number;
  session: Session;
  /** One thing at a time: nobody else may act for a player who is busy. */
  busy: boolean;
}

/** Registers a new account. Resolves with undefined when `giveUp` came first, and throws when the service says no. */
export async function registerPlayer(
  client: Client,
  { cheats, giveUp }: { cheats: boolean; giveUp: AbortSignal },
): Promise<Player | undefined> {
  while (!giveUp.aborted) {
    const credentials = {
      username: inventUsername(Math.random),
      password: randomBytes(18).toString('base64url'),
    };
    const answer = await untilAnswered(async () => await client.register(credentials), giveUp);
    if (answer.kind === 'done') return toPlayer(answer.body, { credentials, cheats });
    if (answer.kind === 'refused' && !['username_taken', 'rate_limited'].includes(answer.code)) {
      throw new DemoError(`The service does not register players: ${answer.code} ${answer.detail}`.trimEnd());
    }
  }
  return undefined;
}

function toPlayer(tokens: Tokens, of: Pick<Player, 'credentials' | 'cheats'>): Player {
  const character = { skill: 0.5 + Math.random(), phase: Math.random() * 2 * Math.PI };
  return { ...of, ...character, userId: tokens.user.user_id, session: toSession(tokens), busy: false };
}

/** Renews between 70 and 90 % of a token's life, so that a crowd that came together does not renew together. */
function toSession({ access_token, refresh_token, expires_in }: Tokens): Session {
  const renewAtMs = Date.now() + expires_in * 1000 * (0.7 + Math.random() * 0.2);
  return { accessToken: access_token, refreshToken: refresh_token, renewAtMs };
}

export async function keepSignedIn(client: Client, player: Player, giveUp: AbortSignal): Promise<void> {
  if (Date.now() >= player.session.renewAtMs) await signInAgain(client, player, giveUp);
}

/** Refreshes, or logs in when the refresh token was spent by a request whose answer was lost. */
export async function signInAgain(client: Client, player: Player, giveUp: AbortSignal): Promise<void> {
  const { refreshToken } = player.session;
  const refreshed = await untilAnswered(async () => await client.refresh(refreshToken), giveUp);
  const answer =
    refreshed.kind === 'refused'
      ? await untilAnswered(async () => await client.logIn(player.credentials), giveUp)
      : refreshed;
  if (answer.kind === 'done') player.session = toSession(answer.body);
}
