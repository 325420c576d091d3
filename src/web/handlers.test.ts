import { describe, expect, test, vi } from 'vitest';

import type { Database } from '../db/index.ts';
import { createLeaderboards } from '../leaderboards/index.ts';
import { createLeaderboard, registerPlayer, score } from '../../test/harness/play.ts';
import { insertPlayers } from '../../test/harness/players.ts';
import { openPrivateDatabase } from '../../test/harness/private-database.ts';
import { startTestService, type TestService } from '../../test/harness/service.ts';
import { readBoard } from './read-board.ts';

const service = await startTestService();

const files = (text: string) => [...text.matchAll(/"(\/assets\/[^"#]+)/g)].map(([, path = '']) => path);

/** The page as a reader without scripts gets it: the texts of its rows, best first. */
function rowsOf(text: string): string[][] {
  const body = /<tbody[^>]*>(.*?)<\/tbody>/s.exec(text)?.[1] ?? '';
  const rows = [...body.matchAll(/<tr.*?<\/tr>/gs)].map(([row]) => row);
  const textOf = (row: string, pattern: RegExp) => pattern.exec(row)?.[1] ?? '';
  return rows.map((row) => [
    textOf(row, /class="place">([^<]*)</),
    textOf(row, /<bdi>([^<]*)</),
    textOf(row, /class="total">([^<]*)</),
  ]);
}

async function rename(db: Database, userId: string, username: string): Promise<void> {
  await db.run({ name: 'test_rename', text: 'UPDATE users SET username = $2 WHERE id = $1' }, [
    userId,
    username,
  ]);
}

/** A leaderboard of its own with players of these scores, best first. */
async function playBoard(scores: readonly number[], of: TestService = service) {
  const leaderboardId = await createLeaderboard(of);
  const players = await insertPlayers(of.db, scores.length);
  for (const [index, player] of players.entries())
    await score(of, player, scores[index] ?? 0, { leaderboardId });
  return { leaderboardId, players };
}

describe('the page of a leaderboard', () => {
  test('shows it in order, with its title and the number of players', async () => {
    const { leaderboardId, players } = await playBoard([1500, 700, 20]);
    const { status, text } = await service.request(`/?board=${leaderboardId}&limit=2`);
    expect(status).toBe(200);
    expect(text).toContain('<h1>Of a test</h1>');
    expect(text).toContain('>3 players<');
    expect(rowsOf(text)).toEqual([
      ['1', `p-${players[0]?.userId}`, '1,500'],
      ['2', `p-${players[1]?.userId}`, '700'],
    ]);
  });

  test('is that of global when none is asked for', async () => {
    const { text } = await service.request('/');
    expect(text).toContain('data-stream="/v1/leaderboards/global/stream?limit=10"');
  });

  test('leads to the others, and keeps what it was asked for', async () => {
    const leaderboardId = await createLeaderboard(service);
    const { text } = await service.request(`/?board=${leaderboardId}&player=Kim%26Co&limit=5&theme=dark`);
    expect(text).toContain('href="/?board=global&amp;player=Kim%26Co&amp;limit=5&amp;theme=dark"');
    expect(text).toMatch(new RegExp(`board=${leaderboardId}[^"]*" aria-current="page"`));
  });

  test('says how to begin when nobody has scored', async () => {
    const leaderboardId = await createLeaderboard(service);
    const { text } = await service.request(`/?board=${leaderboardId}`);
    expect(text).toMatch(/<div id="empty" >[\s\S]*npm run demo/);
    expect(text).toMatch(/<table[^>]* hidden/);
  });

  test('may be asked for with HEAD', async () => {
    const { status, headers, text } = await service.request('/', { method: 'HEAD' });
    expect(status).toBe(200);
    expect(headers.get('Content-Type')).toBe('text/html; charset=UTF-8');
    expect(text).toBe('');
  });

  test('is asked for anew every time', async () => {
    expect((await service.request('/')).headers.get('Cache-Control')).toBe('no-cache');
  });
});

describe("a player's page", () => {
  test('marks the row of a player who is in sight, by id or by name in any case', async () => {
    const { leaderboardId } = await playBoard([50]);
    const player = await registerPlayer(service);
    await score(service, player, 70, { leaderboardId });
    for (const name of [player.userId, player.userId.toUpperCase(), player.username.toUpperCase()]) {
      const { text } = await service.request(`/?board=${leaderboardId}&player=${name}`);
      expect(text).toMatch(new RegExp(`data-user="${player.userId}"[^>]*aria-current="true"`));
      expect(text).toMatch(/<tfoot[^>]* hidden/);
    }
  });

  test('has a row below for a player who is not in sight', async () => {
    const { leaderboardId, players } = await playBoard([50, 40, 30]);
    const { userId } = players[2] ?? { userId: '' };
    const { text } = await service.request(`/?board=${leaderboardId}&player=${userId}&limit=1`);
    const own = /<tfoot(.*?)<\/tfoot>/s.exec(text)?.[1] ?? '';
    expect(own).not.toMatch(/^[^>]* hidden/);
    expect(own).toMatch(new RegExp(`data-user="${userId}"[^>]*data-rank="3"[^>]*data-score="30"`, 's'));
    expect(text).toContain(`data-position="/v1/leaderboards/${leaderboardId}/users/${userId}"`);
  });

  test.each(['nobody-has-this-name', '00000000-0000-7000-8000-000000000000'])(
    'says so when %s has no score there',
    async (name) => {
      const { status, text } = await service.request(`/?player=${name}`);
      expect(status).toBe(200);
      expect(text).toMatch(new RegExp(`<p id="unranked" >\\s*<bdi>${name}</bdi> has no score`));
    },
  );
});

test.each(['%00', '%ED%A0%80', 'ab', 'x'.repeat(64), '%27%20OR%20true', 'K%C4%B0M'])(
  "a page for %s, which nobody can be called, is nobody's",
  async (name) => {
    const { status, text } = await service.request(`/?player=${name}`);
    expect(status).toBe(200);
    expect(text).toContain('<p id="unranked" >');
  },
);

test("a player's name is looked up in the line of all reads, whatever its case", async () => {
  const leaderboards = createLeaderboards(service);
  const read = vi.spyOn(leaderboards.reads, 'read');
  const { username, userId } = await registerPlayer(service);
  const board = { leaderboardId: 'global', limit: 1, player: username.toUpperCase() };
  expect((await readBoard(leaderboards, board)).player?.userId).toBe(userId);
  expect(read.mock.calls.map(([key]) => key)).toContain(`user ${username.toLowerCase()}`);
});

describe('what people write', () => {
  const hostile = `</bdi><img src=x onerror=alert(1)> "'&\n\u{2028}`;

  test('stays text in the page, as a name', async () => {
    const { leaderboardId, players } = await playBoard([10]);
    await rename(service.db, players[0]?.userId ?? '', hostile);
    const { text } = await service.request(`/?board=${leaderboardId}`);
    expect(text).not.toContain('<img');
    expect(text).toContain(
      `<bdi>&lt;/bdi&gt;&lt;img src=x onerror=alert(1)&gt; &quot;&#39;&amp;\n\u{2028}</bdi>`,
    );
  });

  test('stays text in the page, in the query', async () => {
    const query = `player=${encodeURIComponent('"><script>alert(1)</script>')}`;
    const { text } = await service.request(`/?${query}`);
    expect(text).not.toContain('<script>');
    expect(text).toContain('&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  test('stays text in the page, as a title', async () => {
    const leaderboardId = await createLeaderboard(service);
    const title = '</title><script>alert(1)</script>';
    const options = { method: 'PUT', token: service.keys.operator, body: { title } };
    await service.request(`/v1/admin/leaderboards/${leaderboardId}`, options);
    const { text } = await service.request(`/?board=${leaderboardId}`);
    expect(text).not.toContain('<script>');
    expect(text).toContain('<h1>&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;</h1>');
  });
});

describe('the policy of the page', () => {
  const policyOf = async (path: string) => {
    const { headers } = await service.request(path);
    const csp = headers.get('Content-Security-Policy') ?? '';
    return { csp, frameOptions: headers.get('X-Frame-Options') };
  };

  test.each(['/', '/?embed=1', '/?board=unknown', '/?board=unknown&embed=1'])(
    'of %s admits no inline script or style, no other site, and no element out of text',
    async (path) => {
      const { csp } = await policyOf(path);
      expect(csp).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
      expect(csp).toContain("require-trusted-types-for 'script'; trusted-types 'none'");
      expect(csp).not.toContain('unsafe');
      const { text } = await service.request(path);
      expect(text).not.toMatch(/ style="| on\w+="|<style|<script(?![^>]* src=)/);
    },
  );

  test('lets other sites frame it when it is to be embedded, and only then', async () => {
    for (const path of ['/?embed=1', '/?board=unknown&embed=1']) {
      const { csp, frameOptions } = await policyOf(path);
      expect(csp).toMatch(/; frame-ancestors \*$/);
      expect(frameOptions).toBeNull();
    }
    for (const path of ['/', '/?embed=0', '/?embed=', '/?player=embed=1']) {
      const { csp, frameOptions } = await policyOf(path);
      expect(csp).toMatch(/; frame-ancestors 'self'$/);
      expect(frameOptions).toBe('SAMEORIGIN');
    }
  });
});

describe('a failure of the page is a page', () => {
  test.each([
    ['/?board=unknown', 404, 'There is no such leaderboard'],
    ['/?board=Not%20an%20id', 400, 'The request is not valid'],
    ['/?limit=101', 400, 'The request is not valid'],
    [`/?player=${'x'.repeat(65)}`, 400, 'The request is not valid'],
  ])('for %s', async (path, status, title) => {
    const answer = await service.request(path);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('Content-Type')).toBe('text/html; charset=UTF-8');
    expect(answer.headers.get('Cache-Control')).toBe('no-store');
    expect(answer.text).toContain(`<h1>${title}</h1>`);
    expect(answer.text).toContain(answer.headers.get('X-Request-Id') ?? 'no request id');
  });

  test('when it is asked for too often', async () => {
    const limited = await startTestService({
      db: service.db,
      env: { RATE_LIMIT_ENABLED: 'true', RATE_LIMIT_READS_PER_MINUTE: '1' },
    });
    expect((await limited.request('/')).status).toBe(200);
    const { status, headers, text } = await limited.request('/');
    expect(status).toBe(429);
    expect(headers.get('Retry-After')).toMatch(/^\d+$/);
    expect(headers.get('RateLimit-Remaining')).toBe('0');
    expect(text).toContain('<h1>Too many requests</h1>');
  });

  test('when the database is away, and says nothing of why', async () => {
    const { db, stop } = await openPrivateDatabase(2);
    const away = await startTestService({ db });
    await stop();
    const { status, headers, text } = await away.request('/');
    expect(status).toBe(503);
    expect(headers.get('Retry-After')).toMatch(/^\d+$/);
    expect(text).toContain('<h1>The service cannot answer right now</h1>');
    expect(text).not.toMatch(/SELECT|ECONN|postgres/i);
  });
});

describe('the files of the page', () => {
  test('are named for their content and kept for good', async () => {
    const paths = files((await service.request('/')).text);
    expect(paths.length).toBeGreaterThan(5);
    for (const path of new Set(paths)) {
      const { status, headers } = await service.request(path);
      expect(status, path).toBe(200);
      expect(headers.get('Cache-Control')).toBe('public, max-age=31536000, immutable');
      expect(headers.get('ETag')).toMatch(/^"/);
    }
  });

  test('are not sent again to who has them', async () => {
    const [path = ''] = files((await service.request('/')).text);
    const etag = (await service.request(path)).headers.get('ETag') ?? '';
    const { status, headers, text } = await service.request(path, { headers: { 'If-None-Match': etag } });
    expect(status).toBe(304);
    expect(headers.get('Cache-Control')).toContain('immutable');
    expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
    expect(headers.get('X-Request-Id')).toMatch(/^[\w-]{36}$/);
    expect(text).toBe('');
  });

  test('of another version are the files of this one, and not kept', async () => {
    const { status, headers } = await service.request('/assets/of-another-version/client/main.js');
    expect(status).toBe(200);
    expect(headers.get('Content-Type')).toBe('text/javascript; charset=utf-8');
    expect(headers.get('Cache-Control')).toBe('no-store');
  });

  test.each([
    'client/main.ts',
    'client/main.js.map',
    'client/..%2f..%2fmain.js',
    '..%2f/main.js',
    'constructor/name',
  ])('do not include %s', async (name) => {
    expect(await service.request(`/assets/0/${name}`)).toMatchObject({ status: 404 });
  });

  test('are not counted', async () => {
    const limited = await startTestService({
      db: service.db,
      env: { RATE_LIMIT_ENABLED: 'true', RATE_LIMIT_READS_PER_MINUTE: '1' },
    });
    for (let n = 0; n < 3; n += 1) {
      const { status } = await limited.request('/assets/0/client/page.css');
      expect(status).toBe(200);
    }
  });
});
