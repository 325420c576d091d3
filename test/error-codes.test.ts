import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { errorCodes } from '../src/errors.ts';
import { statusOf } from '../src/http/problem.ts';

test('docs/errors.md lists every error code with its status, and no other', () => {
  const page = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8');
  const documented = [...page.matchAll(/^\| `(\w+)`\s*\| (\d{3})\s*\|/gm)].map(
    ([, code, status]) => `${code} ${status}`,
  );
  expect(documented.toSorted()).toEqual(errorCodes.map((code) => `${code} ${statusOf[code]}`).toSorted());
});
