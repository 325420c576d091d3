import { createHmac, randomBytes } from 'node:crypto';

/** Every way to cheat, with the code that must refuse it. */
export const cheatCodes = {
  forged: 'action_token_invalid',
  stolen: 'action_token_wrong_user',
  inflated: 'score_delta_exceeds_max',
  replayed: 'action_already_consumed',
  malformed: 'action_token_malformed',
  expired: 'action_token_expired',
} as const;

export type Cheat = keyof typeof cheatCodes;

export const cheats = Object.keys(cheatCodes) as Cheat[];

/** What a person reads about each. */
export const cheatTitles: Readonly<Record<Cheat, string>> = {
  forged: 'forged signature',
  stolen: "someone else's token",
  inflated: 'too large a delta',
  replayed: 'replayed with another delta',
  malformed: 'malformed token',
  expired: 'expired token',
};

/** The same action worth ten times as much, signed with a secret that is not the service's. */
export function forgeToken(token: string): string {
  const [base64 = ''] = token.split(':');
  const [actionId, userId, maxScore, ...rest] = Buffer.from(base64, 'base64').toString().split(':');
  const payload = [actionId, userId, Number(maxScore) * 10, ...rest].join(':');
  const forged = Buffer.from(payload).toString('base64');
  return `${forged}:${createHmac('sha256', randomBytes(32)).update(forged).digest('hex')}`;
}

/** Texts that are no token at all; `turn` picks one. */
export function garbleToken(token: string, turn: number): string {
  const [base64 = '', signature = ''] = token.split(':');
  const texts = [
    `${base64}:`,
    base64,
    `${base64}:${signature.slice(1)}`,
    `!${token}`,
    'ten million points please',
  ];
  return texts[turn % texts.length] ?? '';
}
