import { expect, it } from 'vitest';

import { newSession } from './tokens.ts';

it.each([
  ['is kept', 'LaurelDemo/1.0 (Linux)', 'LaurelDemo/1.0 (Linux)'],
  ['is cut at 256 characters', 'a'.repeat(300), 'a'.repeat(256)],
  ['loses what PostgreSQL cannot store', 'a\0b', 'ab'],
  ['may be missing', undefined, undefined],
])("the client's name %s", (_name, userAgent, stored) => {
  expect(newSession(userAgent).userAgent).toBe(stored);
});
