import { randomBytes, randomInt, randomUUID } from 'node:crypto';

import type { Client } from './client.ts';
import type { Crowd } from './crowd.ts';
import { play } from './play.ts';

export interface World {
  readonly client: Client;
  readonly crowd: Crowd;
}

type Step = (world: World) => Promise<unknown>;

/** How many of a thousand steps are each: the crowd plays, looks, comes and goes, and gets things wrong. */
const shares: readonly (readonly [share: number, step: Step])[] = [
  [300, async ({ client, crowd }) => await play(client, crowd.any())],
  [250, readPage],
  [150, readPosition],
  [60, readOwnEvents],
  [60, presentForgedAction],
  [60, presentUnknownToken],
  [60, goAstray],
  [30, hangUp],
  [20, sendInvalid],
  [6, async ({ crowd }) => await crowd.renew()],
  [3, logIn],
  [1, async ({ crowd }) => await crowd.replace()],
];

/** Takes one by chance. */
export function pickStep(): Step {
  let place = randomInt(1000);
  for (const [share, step] of shares) {
    if (place < share) return step;
    place -= share;
  }
  throw new Error('the shares do not add up to a thousand');
}

async function readPage({ client }: World): Promise<void> {
  await client.call(`/v1/leaderboards/global?limit=${randomInt(1, 101)}&offset=${randomInt(200)}`, {
    expect: 200,
  });
}

async function readPosition({ client, crowd }: World): Promise<void> {
  const { userId } = crowd.any();
  await client.call(`/v1/leaderboards/global/users/${userId}?around=${randomInt(51)}`, { expect: 200 });
}

async function readOwnEvents({ client, crowd }: World): Promise<void> {
  await client.call('/v1/users/me/score-events', { token: crowd.any().accessToken, expect: 200 });
}

async function presentForgedAction({ client, crowd }: World): Promise<void> {
  const { userId, accessToken } = crowd.any();
  const claims = `${randomUUID()}:${userId}:100:${Math.ceil(Date.now() / 1000) + 60}`;
  const forged = `${Buffer.from(claims).toString('base64')}:${randomBytes(32).toString('hex')}`;
  const body = { action_token: forged, score_delta: 1 };
  await client.call('/v1/scores', { token: accessToken, body, expect: 403 });
}

async function presentUnknownToken({ client }: World): Promise<void> {
  await client.call('/v1/users/me', { token: randomBytes(30).toString('base64url'), expect: 401 });
}

async function goAstray({ client }: World): Promise<void> {
  await client.call(`/${randomUUID()}`, { expect: 404 });
  await client.call(`/v1/leaderboards/${randomUUID()}`, { expect: 404 });
  await client.call(`/v1/leaderboards/global/users/${randomUUID()}`, { expect: 404 });
}

async function hangUp({ client }: World): Promise<void> {
  await client.hangUp(`/v1/leaderboards/global?limit=${randomInt(1, 101)}`);
}

async function sendInvalid({ client }: World): Promise<void> {
  await client.call('/v1/auth/login', { body: { [randomUUID()]: true }, expect: 400 });
}

async function logIn({ client, crowd }: World): Promise<void> {
  const { username, password } = crowd.any();
  await client.call('/v1/auth/login', { body: { username, password }, expect: 200 });
}
