import { describe, expect, it } from 'vitest';

import { createBooks } from './books.ts';
import { cheatCodes, cheats } from './cheats.ts';

function booksWith(...deltas: number[]) {
  const books = createBooks();
  deltas.forEach((delta, index) => books.send({ actionId: `a${index}`, userId: 'ann', delta }));
  return books;
}

describe('createBooks', () => {
  it('counts an update for its player once it is accepted', () => {
    const books = booksWith(5, 7);
    books.accept('a0');
    books.accept('a1');
    expect(books.account('ann')).toEqual({ accepted: 12, unknown: [] });
    expect(books.totals()).toMatchObject({ updates: 2, points: 12, open: 0 });
  });

  it('keeps an update without an answer as unknown', () => {
    const books = booksWith(5, 7);
    books.accept('a0');
    expect(books.account('ann')).toEqual({ accepted: 5, unknown: [7] });
    expect(books.account('bob')).toEqual({ accepted: 0, unknown: [] });
    expect(books.totals().open).toBe(1);
  });

  it('does not count the same update twice', () => {
    const books = booksWith(5);
    books.accept('a0');
    expect(() => books.accept('a0')).toThrow('no open update has the action a0');
  });

  it('objects when an honest update is refused', () => {
    const books = booksWith(5);
    books.refuse('a0', 'forbidden');
    expect(books.account('ann')).toEqual({ accepted: 0, unknown: [] });
    expect(books.totals()).toMatchObject({ refused: 1, refusals: [['forbidden', 1]] });
    expect(books.objections()).toEqual([['an honest update was refused: forbidden', 1]]);
  });

  it.each(cheats)('expects each cheat to be refused with its code: %s', (kind) => {
    const books = createBooks();
    books.cheat(kind, cheatCodes[kind]);
    expect(books.totals().refusals).toEqual([[cheatCodes[kind], 1]]);
    expect(books.objections()).toEqual([]);
  });

  it('objects to a cheat that is accepted, or refused for another reason', () => {
    const books = createBooks();
    books.cheat('forged', undefined);
    books.cheat('forged', undefined);
    books.cheat('malformed', 'internal_error');
    expect(books.objections()).toEqual([
      ['accepted: forged signature', 2],
      ['malformed token: refused with internal_error instead of action_token_malformed', 1],
    ]);
  });

  it('accepts that a good token expires while its answer is waited for, and that no forged one does', () => {
    const books = createBooks();
    books.cheat('replayed', 'action_token_expired');
    expect(books.objections()).toEqual([]);
    books.cheat('forged', 'action_token_expired');
    expect(books.objections()).toHaveLength(1);
  });

  it('lists refusals by how often they happened', () => {
    const books = createBooks();
    books.cheat('forged', cheatCodes.forged);
    books.cheat('stolen', cheatCodes.stolen);
    books.cheat('stolen', cheatCodes.stolen);
    expect(books.totals().refusals).toEqual([
      ['action_token_wrong_user', 2],
      ['action_token_invalid', 1],
    ]);
  });
});
