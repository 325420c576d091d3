import { randomBytes } from 'node:crypto';

import { z } from 'zod';

import { type BoardChange, LeaderboardId, MAX_TOTAL_SCORE } from '../../leaderboards/index.ts';

/** PostgreSQL takes 8,000 bytes; a change has about 150. */
export const MAX_CHANGES = 40;
const MAX_MESSAGE_LENGTH = 8000;
const ORIGIN_BYTES = 8;

/** Names this process in its messages. */
export function createOrigin(): string {
  return randomBytes(ORIGIN_BYTES).toString('hex');
}

/** A board of which anything may have changed; a player who is gone from it; or a player's score. */
const Change = z.union([
  z.tuple([LeaderboardId]),
  z.tuple([LeaderboardId, z.uuid()]),
  z.tuple([LeaderboardId, z.uuid(), z.int().min(0).max(MAX_TOTAL_SCORE), z.iso.datetime({ precision: 6 })]),
]);
const Changes = z.array(Change).max(MAX_CHANGES);

/** One line of text; `changes` are MAX_CHANGES at the most. */
export function encodeMessage(origin: string, changes: readonly BoardChange[]): string {
  return `${origin} ${JSON.stringify(changes.map(toTuple))}`;
}

/** Empty for what this process sent itself; undefined for what no Laurel wrote, such as a newer version's. */
export function decodeMessage(origin: string, text: string): BoardChange[] | undefined {
  if (text.length > MAX_MESSAGE_LENGTH) return undefined;
  const [, sender, json = ''] = /^([0-9a-f]{16}) (.*)$/.exec(text) ?? [];
  if (sender === origin) return [];
  const parsed = Changes.safeParse(parseJson(json));
  return parsed.success ? parsed.data.map(toChange) : undefined;
}

function toTuple({ leaderboardId, userId, score }: BoardChange): z.infer<typeof Change> {
  if (userId === undefined) return [leaderboardId];
  if (score === undefined) return [leaderboardId, userId];
  return [leaderboardId, userId, score.totalScore, score.scoreFirstReachedAt];
}

function toChange([leaderboardId, userId, totalScore, reachedAt]: z.infer<typeof Change>): BoardChange {
  if (userId === undefined) return { leaderboardId };
  if (totalScore === undefined || reachedAt === undefined) return { leaderboardId, userId };
  return { leaderboardId, userId, score: { totalScore, scoreFirstReachedAt: reachedAt } };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
