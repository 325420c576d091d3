import fc from 'fast-check';
import { expect, test } from 'vitest';

import type { Page } from '../leaderboards/index.ts';
import { KEEP_ALIVE, PREAMBLE, toClosingEvent, toLeaderboardEvent } from './wire-format.ts';

/** How the event-stream format tells lines apart (WHATWG HTML, 9.2.5). */
const LINE_END = /\r\n|\r|\n/;

function pageOf(usernames: readonly string[]): Page {
  const entries = usernames.map((username, index) => ({
    rank: index + 1,
    userId: '01920000-0000-7000-8000-000000000000',
    username,
    totalScore: 5,
    scoreFirstReachedAt: '2026-01-31T09:30:00.000001Z',
  }));
  return { leaderboardId: 'global', totalPlayers: 7, entries, source: 'postgres', readAt: 42 };
}

test('an event is the page in the words of the contract', () => {
  expect(toLeaderboardEvent(pageOf(['first']), 42).toString()).toBe(
    'id: 42\nevent: leaderboard\ndata: {"leaderboard_id":"global","version":42,"total_players":7,"entries":[' +
      '{"rank":1,"user_id":"01920000-0000-7000-8000-000000000000","username":"first","total_score":5,' +
      '"score_first_reached_at":"2026-01-31T09:30:00.000001Z"}]}\n\n',
  );
});

test('the data stays one line whatever the names hold', () => {
  const names = fc.array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\n', '\r\n', '\u2028', '\u2029', '\ndata: x\n\n'),
    ),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(names, (usernames) => {
      const lines = toLeaderboardEvent(pageOf(usernames), 42).toString().split(LINE_END);
      expect(lines).toHaveLength(5);
      expect(lines.slice(3)).toEqual(['', '']);
      const data = JSON.parse((lines[2] ?? '').replace(/^data: /, '')) as { entries: { username: string }[] };
      expect(data.entries.map(({ username }) => username)).toEqual(usernames);
    }),
  );
});

test('a stream begins with the retry time, a comment keeps it open, and an event with data precedes its end', () => {
  expect(PREAMBLE.toString()).toBe('retry: 3000\n\n');
  expect(KEEP_ALIVE.toString()).toBe(': keep-alive\n\n');
  expect(toClosingEvent(4200).toString()).toBe('event: closing\nretry: 4200\ndata: {"retry_ms":4200}\n\n');
});
