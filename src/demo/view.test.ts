import { describe, expect, it } from 'vitest';

import { createBooks } from './books.ts';
import { renderPlainLine, renderView, type Scene, VIEW_FRAME_LINES } from './view.ts';

const row = { rank: 1, username: 'brave-yak-0001', score: 1234, climbed: 0, playsHere: true };

function scene(changes: Partial<Scene> = {}): Scene {
  return {
    url: 'http://127.0.0.1:3000',
    boardId: 'global',
    elapsedSeconds: 65.4,
    seconds: 90,
    joined: 3,
    players: 4,
    board: { totalPlayers: 9, rows: [row] },
    totals: createBooks().totals(),
    requestsPerSecond: 12.34,
    latency: { p50Ms: 3.14, p99Ms: 41.6 },
    losses: { count: 0, lastReason: '' },
    phase: 'playing',
    ...changes,
  };
}

const plain = (changes: Partial<Scene> = {}, columns = 100) =>
  renderView(scene(changes), { columns, paint: (_, text) => text });

const refusedSixTimes = {
  ...createBooks().totals(),
  refused: 6,
  refusals: ['invalid', 'expired', 'malformed', 'wrong_user', 'exceeds', 'consumed'].map(
    (reason) => [`action_token_${reason}`, 1] as const,
  ),
};

describe('renderView', () => {
  it('shows the time, the board, the counts and the rates', () => {
    const text = plain().join('\n');
    expect(text).toContain('board global  players 3/4  1:05 of 1:30');
    expect(text).toMatch(/ {3}1 {5}brave-yak-0001 +1,234\n/);
    expect(text).toContain('and 8 more');
    expect(text).toContain('requests 12.3/s, updates p50 3.1 ms, p99 42 ms');
  });

  it('marks who climbed and who fell', () => {
    const rows = [
      { ...row, climbed: 2 },
      { ...row, climbed: -13 },
    ];
    const text = plain({ board: { totalPlayers: 2, rows } }).join('\n');
    expect(text).toContain('1 ▲2  brave-yak-0001');
    expect(text).toContain('1 ▼13 brave-yak-0001');
  });

  it('paints rises green, falls red and strangers dim', () => {
    const rows = [
      { ...row, climbed: 1 },
      { ...row, climbed: -1, playsHere: false },
    ];
    const lines = renderView(scene({ board: { totalPlayers: 2, rows } }), {
      columns: 100,
      paint: (style, text) => `<${style}>${text}`,
    });
    expect(lines.join('\n')).toMatch(/<green> ▲1 .*\n.*<red> ▼1 .*<dim> brave-yak/);
  });

  it.each([20, 60, 80])('has no line wider than %d columns', (columns) => {
    const widths = plain({ totals: refusedSixTimes }, columns).map((line) => line.length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(columns);
  });

  it('is never higher than its frame and its rows', () => {
    expect(plain({ totals: refusedSixTimes }, 40).length).toBe(VIEW_FRAME_LINES + 1);
  });

  it('shows a board without scores, and one that was not read yet', () => {
    const nobody = 'nobody has scored yet';
    expect(plain({ board: undefined }).join('\n')).toContain(nobody);
    expect(plain({ board: { totalPlayers: 0, rows: [] } }).join('\n')).toContain(nobody);
  });

  it('says that answers are missing, and why', () => {
    const text = plain({ losses: { count: 3, lastReason: 'ECONNREFUSED' } }).join('\n');
    expect(text).toContain('unanswered 3 (ECONNREFUSED)');
  });
});

describe('renderPlainLine', () => {
  it('says the same in one line without escape codes', () => {
    const line = renderPlainLine(scene({ totals: refusedSixTimes, seconds: 0 }));
    expect(line).toMatch(
      /^1:05 players 3\/4 \| accepted 0 \| refused 6 \(action_token_invalid 1, .*\| best /,
    );
    expect(line).toContain('best brave-yak-0001, rank 1, 1,234 points');
    expect(line).not.toContain('\n');
    expect(line).not.toContain('\u001B');
  });
});
