import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { startPrivateRedis } from '../../../test/harness/private-redis.ts';
import { fromMember, type Place, toCompactId, toMember } from './member.ts';
import { fromMicroseconds, toMicroseconds } from './microseconds.ts';

const END_OF_2200 = 7_289_654_399_999_999;
const anyTime = fc.integer({ min: 0, max: END_OF_2200 }).map(fromMicroseconds);
const anyPlace: fc.Arbitrary<Place> = fc.record({ userId: fc.uuid(), scoreFirstReachedAt: anyTime });

const place = {
  userId: '01934f5e-7c00-7abc-8def-0123456789ab',
  scoreFirstReachedAt: '2026-01-31T09:30:00.000001Z',
};

describe('a member', () => {
  test('is 32 characters in a fixed form', () => {
    expect(toMember(place)).toMatch(/^[-\w]{9}:[-\w]{22}$/);
    expect(toMember(place).slice(10)).toBe(toCompactId(place.userId));
  });

  test('decodes to the place it was made of', () => {
    fc.assert(
      fc.property(anyPlace, (any) => {
        expect(fromMember(toMember(any))).toEqual(any);
      }),
    );
  });

  test.each(['1970-01-01T00:00:00.000000Z', '2200-12-31T23:59:59.999999Z'])('holds the time %s', (time) => {
    expect(fromMember(toMember({ ...place, scoreFirstReachedAt: time })).scoreFirstReachedAt).toBe(time);
  });

  test('never looks like a number', () => {
    fc.assert(
      fc.property(anyPlace, (any) => {
        expect(Number(toMember(any))).toBeNaN();
      }),
    );
    const zero = { ...place, userId: '00000000-0000-0000-0000-000000000000' };
    expect(Number(toMember(zero))).toBeNaN();
  });

  test('does not depend on the case of the user id', () => {
    expect(toMember({ ...place, userId: place.userId.toUpperCase() })).toBe(toMember(place));
  });

  test.each(['1969-12-31T23:59:59.999999Z', '2256-01-01T00:00:00.000000Z', 'infinity', '', '2026'])(
    'cannot hold the time %j',
    (scoreFirstReachedAt) => {
      expect(() => toMember({ ...place, scoreFirstReachedAt })).toThrow(RangeError);
    },
  );

  test.each(['', 'me', '01934f5e7c007abc8def0123456789ab', `${place.userId}0`, 'g'.repeat(36)])(
    'cannot hold the user id %j',
    (userId) => {
      expect(() => toMember({ ...place, userId })).toThrow(`not a UUID: ${userId}`);
    },
  );

  test.each([
    '',
    'somebody',
    toMember(place).slice(1),
    `${toMember(place)}-`,
    toMember(place).replace(':', '.'),
  ])('is not %j', (member) => {
    expect(() => fromMember(member)).toThrow(`not a member: ${member}`);
  });
});

test('microseconds and instants are exact in both directions', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: END_OF_2200 }), (microseconds) => {
      const instant = fromMicroseconds(microseconds);
      const exact = BigInt(Date.parse(`${instant.slice(0, 19)}Z`)) * 1000n + BigInt(instant.slice(20, 26));
      expect(exact).toBe(BigInt(microseconds));
      expect(toMicroseconds(instant)).toBe(microseconds);
    }),
  );
});

interface Row extends Place {
  readonly totalScore: number;
}

/** Few distinct values of each part, and its extremes, so that ties of every depth occur. */
const anyRow: fc.Arbitrary<Row> = fc.record({
  totalScore: fc.oneof(
    fc.maxSafeNat(),
    fc.constantFrom(0, 1, Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER),
  ),
  scoreFirstReachedAt: fc.oneof(
    anyTime,
    fc.constantFrom(
      '2026-01-31T09:30:00.000000Z',
      '2026-01-31T09:30:00.000001Z',
      '2026-01-31T09:30:01.000000Z',
    ),
  ),
  userId: fc.uuid(),
});

function compareRows(a: Row, b: Row): number {
  if (a.totalScore !== b.totalScore) return a.totalScore > b.totalScore ? -1 : 1;
  if (a.scoreFirstReachedAt !== b.scoreFirstReachedAt)
    return a.scoreFirstReachedAt < b.scoreFirstReachedAt ? -1 : 1;
  return a.userId > b.userId ? -1 : 1;
}

describe('a sorted set of members', async () => {
  const redis = await startPrivateRedis();

  test('lists in reverse by score descending, time ascending, user id descending', async () => {
    const anyRows = fc.uniqueArray(anyRow, {
      minLength: 1,
      maxLength: 300,
      selector: ({ userId }) => userId,
    });
    await fc.assert(
      fc.asyncProperty(anyRows, async (rows) => {
        await redis.command('DEL', 'board');
        await redis.command('ZADD', 'board', ...rows.flatMap((row) => [row.totalScore, toMember(row)]));
        const reply = (await redis.command('ZREVRANGE', 'board', 0, -1, 'WITHSCORES')) as string[];
        expect(toRows(reply)).toEqual(rows.toSorted(compareRows));
      }),
      { numRuns: 200 },
    );
  });
});

function toRows(reply: readonly string[]): Row[] {
  return reply.flatMap((member, index) =>
    index % 2 === 0 ? [{ ...fromMember(member), totalScore: Number(reply[index + 1]) }] : [],
  );
}
