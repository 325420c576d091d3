import { randomInt, randomUUID } from 'node:crypto';

import type { Client } from './client.ts';
import { play } from './play.ts';

export interface Player {
  readonly userId: string;
  readonly username: string;
  readonly password: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** Players with a score, of whom one leaves for a new one now and then. */
export interface Crowd {
  any(): Player;
  /** Registers a new player in the place of the one who waits longest. */
  replace(): Promise<void>;
  /** Renews the tokens of the one who waits longest; often enough, nobody's expire. */
  renew(): Promise<void>;
}

const SIZE = 200;

/** Two at a time, which is how many passwords the service hashes at once. */
export async function gatherCrowd(client: Client): Promise<Crowd> {
  const players: Player[] = [];
  const join = async () => {
    while (players.length < SIZE) players.push(await register(client));
  };
  await Promise.all([join(), join()]);
  return {
    any: () => players[randomInt(players.length)] ?? raiseEmpty(),
    replace: async () => {
      players.shift();
      players.push(await register(client));
    },
    renew: async () => {
      const player = players.shift() ?? raiseEmpty();
      players.push(await refresh(client, player));
    },
  };
}

interface TokensBody {
  readonly user: { readonly user_id: string };
  readonly access_token: string;
  readonly refresh_token: string;
}

async function register(client: Client): Promise<Player> {
  const credentials = { username: `soak-${randomUUID().slice(0, 18)}`, password: randomUUID() };
  const tokens = await client.call<TokensBody>('/v1/auth/register', { body: credentials, expect: 201 });
  const player = toPlayer(tokens, credentials);
  await play(client, player);
  return player;
}

async function refresh(client: Client, player: Player): Promise<Player> {
  const body = { refresh_token: player.refreshToken };
  return toPlayer(await client.call<TokensBody>('/v1/auth/refresh', { body, expect: 200 }), player);
}

function toPlayer(
  { user, access_token, refresh_token }: TokensBody,
  { username, password }: Pick<Player, 'username' | 'password'>,
): Player {
  return {
    userId: user.user_id,
    username,
    password,
    accessToken: access_token,
    refreshToken: refresh_token,
  };
}

function raiseEmpty(): never {
  throw new Error('the crowd is empty');
}
