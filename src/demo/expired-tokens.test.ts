import { expect, it } from 'vitest';

import { createHeldTokens, holdMs } from './expired-tokens.ts';

const serverTimeMs = Date.parse('2026-01-01T00:00:00Z');
const action = {
  kind: 'done',
  replayed: false,
  serverTimeMs,
  body: {
    action_id: 'a1',
    user_id: 'ann',
    max_score: 10,
    expires_at: '2026-01-01T00:00:10Z',
    action_token: 'token',
  },
} as const;

it('holds a token for its lifetime by the clock of the service, and a margin', () => {
  expect(holdMs(action)).toBe(10_500);
});

it('hands a token out once, to its player, when it has expired', () => {
  let now = 5_000_000;
  const held = createHeldTokens(() => now);
  held.hold('ann', action);
  now += 10_499;
  expect(held.takeDue('ann')).toBeUndefined();
  now += 1;
  expect(held.takeDue('bob')).toBeUndefined();
  expect(held.takeDue('ann')).toMatchObject({ token: 'token', delta: 1 });
  expect(held.takeDue('ann')).toBeUndefined();
});
