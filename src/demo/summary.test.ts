import { describe, expect, it } from 'vitest';

import { type Books, createBooks } from './books.ts';
import { DemoError } from './demo-error.ts';
import type { BoardReading } from './read-board.ts';
import { type Report, summarize } from './summary.ts';

const ann = { userId: 'ann', cheats: false, credentials: { username: 'brave-yak-0001' } };
const right: BoardReading = { entries: [], totals: new Map([['ann', 5]]) };

function booksOfAnn(): Books {
  const books = createBooks();
  books.send({ actionId: 'a1', userId: 'ann', delta: 5 });
  books.accept('a1');
  return books;
}

function summaryOf(changes: Partial<Report>) {
  return summarize({
    boardId: 'global',
    elapsedSeconds: 10,
    players: [ann],
    wanted: 1,
    books: booksOfAnn(),
    meter: {
      requests: () => 30,
      latency: () => ({ p50Ms: 1.25, p99Ms: 20.4 }),
      losses: () => ({ count: 0, lastReason: '' }),
    },
    reading: right,
    ...changes,
  });
}

describe('summarize', () => {
  it('is right when the board says what was accepted', () => {
    const { isRight, text } = summaryOf({});
    expect(isRight).toBe(true);
    expect(text).toContain('1 players, 0 of them cheats, played 10 s on board global.');
    expect(text).toContain('requests  30, 3.0/s; updates p50 1.3 ms, p99 20 ms');
    expect(text).toContain('accepted  1 updates, 5 points');
    expect(text).toContain('unknown   none');
    expect(text).toMatch(/The board says exactly what was accepted\.$/);
  });

  it('is wrong when a total differs, and says by how much', () => {
    const { isRight, text } = summaryOf({ reading: { entries: [], totals: new Map([['ann', 1005]]) } });
    expect(isRight).toBe(false);
    expect(text).toContain('brave-yak-0001: accepted 5, the board says 1,005 (+1,000)');
    expect(text).toMatch(/WRONG: 1 problem, listed above\.$/);
  });

  it('is wrong when a player is gone from the board', () => {
    const { isRight, text } = summaryOf({ reading: { entries: [], totals: new Map([['ann', undefined]]) } });
    expect(isRight).toBe(false);
    expect(text).toContain('brave-yak-0001: accepted 5, unknown to the board');
  });

  it('is wrong when something was answered that the contract forbids', () => {
    const books = booksOfAnn();
    books.cheat('forged', undefined);
    const { isRight, text } = summaryOf({ books });
    expect(isRight).toBe(false);
    expect(text).toContain('accepted: forged signature');
  });

  it('is wrong when the board could not be read', () => {
    const { isRight, text } = summaryOf({ reading: new DemoError('no board') });
    expect(isRight).toBe(false);
    expect(text).toContain('no board');
  });

  it('tells what stayed unknown, and is right when that explains the board', () => {
    const books = booksOfAnn();
    books.send({ actionId: 'a2', userId: 'ann', delta: 2 });
    const counted = summaryOf({ books, reading: { entries: [], totals: new Map([['ann', 7]]) } });
    expect(counted.isRight).toBe(true);
    expect(counted.text).toContain('unknown   1 update was never answered');
    expect(summaryOf({ books }).isRight).toBe(true);
    expect(summaryOf({ books, reading: { entries: [], totals: new Map([['ann', 6]]) } }).isRight).toBe(false);
  });

  it('says how many of the players could join', () => {
    expect(summaryOf({ wanted: 3 }).text).toContain('1 of 3 players');
  });
});
