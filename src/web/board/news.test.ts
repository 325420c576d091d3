import { describe, expect, it } from 'vitest';

import { describeNews } from './news.ts';
import type { Snapshot } from './snapshot.ts';

/** Best first, with their totals. */
function board(...players: [name: string, total: number][]): Snapshot {
  return {
    total_players: players.length,
    entries: players.map(([name, total], index) => ({
      rank: index + 1,
      user_id: name,
      username: name,
      total_score: total,
      score_first_reached_at: '2026-03-01T12:00:00.000000Z',
    })),
  };
}

const before = board(['ada', 30], ['bo', 20], ['cy', 10]);

describe('the news', () => {
  it('are none when only scores rose', () => {
    expect(describeNews(before, board(['ada', 31], ['bo', 25], ['cy', 10]), 'ada')).toBe('');
  });

  it('are none when others changed places below the top', () => {
    expect(describeNews(before, board(['ada', 30], ['cy', 21], ['bo', 20]), undefined)).toBe('');
  });

  it('name a new leader with the score', () => {
    expect(describeNews(before, board(['bo', 1234], ['ada', 30], ['cy', 10]), undefined)).toBe(
      'bo leads with 1,234.',
    );
  });

  it('say once that the player leads', () => {
    expect(describeNews(before, board(['bo', 40], ['ada', 30], ['cy', 10]), 'bo')).toBe('bo leads with 40.');
  });

  it('say where the player is now', () => {
    expect(describeNews(before, board(['ada', 30], ['cy', 21], ['bo', 20]), 'bo')).toBe(
      'bo is now number 3.',
    );
  });

  it('say that the player left the page', () => {
    expect(describeNews(before, board(['ada', 30], ['bo', 20]), 'cy')).toBe('cy left the visible board.');
  });

  it('name who came in, without repeating the leader or the player', () => {
    const after = board(['dee', 50], ['ada', 30], ['eve', 22], ['fay', 21], ['gil', 20]);
    expect(describeNews(before, after, 'eve')).toBe(
      'dee leads with 50. eve is now number 3. New on the board: fay, gil.',
    );
  });

  it('of a board that was empty are its leader', () => {
    expect(describeNews(board(), board(['ada', 1]), undefined)).toBe('ada leads with 1.');
  });
});
