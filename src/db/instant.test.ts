import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { openTestStore } from '../../test/harness/database.ts';
import { toInstant } from './instant.ts';

describe('toInstant', () => {
  test.each([
    ['2026-01-31 09:30:00+00', '2026-01-31T09:30:00.000000Z'],
    ['2026-01-31 09:30:00.5+00', '2026-01-31T09:30:00.500000Z'],
    ['2026-01-31 09:30:00.000001+00', '2026-01-31T09:30:00.000001Z'],
    ['2026-01-31T09:30:00.000001Z', '2026-01-31T09:30:00.000001Z'],
    ['10000-01-01 00:00:00+00', '10000-01-01T00:00:00.000000Z'],
  ])('reads %s', (text, instant) => {
    expect(toInstant(text)).toBe(instant);
  });

  test.each([
    '2026-01-31 09:30:00+05:45',
    '2026-01-31 09:30:00',
    'infinity',
    '0044-03-15 12:00:00+00 BC',
    '',
  ])('refuses %j', (text) => {
    expect(() => toInstant(text)).toThrow(`not a UTC timestamp: ${text}`);
  });
});

const MICROSECONDS_TO_9999 = 253_402_300_799_999_999n;
const microseconds = fc.bigInt({ min: 0n, max: MICROSECONDS_TO_9999 });

describe.each(['postgres', 'embedded'] as const)('a timestamptz of %s', async (store) => {
  const db = await openTestStore(store);
  const statement = {
    name: 'instants',
    text: `
      SELECT timestamptz 'epoch' + make_interval(secs => floor(us / 1000000)) + (us % 1000000) * interval '1 microsecond' AS at
      FROM unnest($1::numeric[]) WITH ORDINALITY AS given(us, n) ORDER BY n`,
  };

  test('is read to the microsecond', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(microseconds, { minLength: 1, maxLength: 50 }), async (given) => {
        const rows = await db.run<{ at: string }>(statement, [given.map(String)]);
        expect(rows.map(({ at }) => toMicroseconds(at))).toEqual(given);
      }),
      { numRuns: 30 },
    );
  });

  test('orders as text the way it orders as time', async () => {
    const given = fc.sample(microseconds, 100);
    const rows = await db.run<{ at: string }>(statement, [given.map(String)]);
    const sorted = rows.map(({ at }) => at).sort();
    expect(sorted.map(toMicroseconds)).toEqual(given.sort((a, b) => (a < b ? -1 : 1)));
  });
});

function toMicroseconds(instant: string): bigint {
  const [seconds = '', fraction = ''] = instant.slice(0, -1).split('.');
  return BigInt(Date.parse(`${seconds}Z`)) * 1000n + BigInt(fraction);
}
