import { expect, it } from 'vitest';

import { openActionToken, signActionToken } from '../actions/index.ts';
import { forgeToken, garbleToken } from './cheats.ts';

const secret = 'a secret of the service for this test';
const claims = {
  actionId: 'boss-1',
  userId: '01927b3e-0000-7000-8000-000000000001',
  maxScore: 50,
  expiresAt: 1_900_000_000,
};

it.each(['global', 'spring-cup'])('forges a token of the board %s in the right form', (leaderboardId) => {
  const forged = forgeToken(signActionToken({ ...claims, leaderboardId }, secret));
  expect(() => openActionToken(forged, [secret])).toThrow(
    expect.objectContaining({ code: 'action_token_invalid' }),
  );
  const [base64 = ''] = forged.split(':');
  expect(Buffer.from(base64, 'base64').toString()).toContain(':500:');
});

it.each([0, 1, 2, 3, 4, 5])('garbles a token so that it has no form: %d', (turn) => {
  const garbled = garbleToken(signActionToken({ ...claims, leaderboardId: 'global' }, secret), turn);
  expect(() => openActionToken(garbled, [secret])).toThrow(
    expect.objectContaining({ code: 'action_token_malformed' }),
  );
});
