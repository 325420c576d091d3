import { expect, test } from 'vitest';

import { createSeal } from './sealed-state.ts';

const state = { role: 'player', userId: '01934f5e-7c00-7abc-8def-0123456789ab' };
const secret = 'secret-of-the-tests-0123456789abcdef';

function createTestSeal(secrets = [secret]) {
  const clock = { now: Date.UTC(2026, 0, 1) };
  return { clock, seal: createSeal<typeof state>({ secrets, clock: () => clock.now, ttlMs: 4000 }) };
}

test('opens for its key and within its time', () => {
  const { seal, clock } = createTestSeal();
  const sealed = seal.close('session:1', state, clock.now);
  clock.now += 4000;
  expect(seal.open('session:1', sealed)).toEqual(state);
});

test('opens for nothing that was changed, moved or kept', () => {
  const { seal, clock } = createTestSeal();
  const sealed = seal.close('session:1', state, clock.now);
  expect(seal.open('session:2', sealed)).toBeUndefined();
  expect(seal.open('session:1', sealed.replace('"player"', '"admin"'))).toBeUndefined();
  for (let length = 0; length < sealed.length; length += 1) {
    expect(seal.open('session:1', sealed.slice(0, length))).toBeUndefined();
  }
  for (const text of ['', '.', 'revoked', JSON.stringify({ state, until: Number.MAX_SAFE_INTEGER })]) {
    expect(seal.open('session:1', text)).toBeUndefined();
  }
  clock.now += 4001;
  expect(seal.open('session:1', sealed)).toBeUndefined();
});

test('opens with every listed secret, and with no other', () => {
  const sealed = createTestSeal().seal.close('session:1', state, Date.UTC(2026, 0, 1));
  const [newer, other] = ['newer-secret-of-the-tests-0123456789', 'other-secret-of-the-tests-0123456789'];
  expect(createTestSeal([newer, secret]).seal.open('session:1', sealed)).toEqual(state);
  expect(createTestSeal([newer, other]).seal.open('session:1', sealed)).toBeUndefined();
});
