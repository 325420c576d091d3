import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';

import { launchBrowser, openPage } from '../harness/browser.ts';
import { startProcess } from '../harness/process.ts';
import { until } from '../harness/until.ts';
import {
  deletePlayer,
  playBoard,
  raise,
  rename,
  rowsOf,
  startBuiltService,
  untilRows,
  untilState,
} from './board.ts';

const [service, browser] = await Promise.all([startBuiltService(), launchBrowser()]);
const { url } = service.process;

/** What was seen of one row, frame by frame. */
interface Sight {
  readonly tops: number[];
  readonly gains: string[];
}

/** Watches a row from now on; the function returns what was seen so far. */
async function watchRow(page: Page, userId: string): Promise<() => Promise<Sight>> {
  const sight = await page.evaluateHandle((id) => {
    const tops: number[] = [];
    const gains: string[] = [];
    const look = () => {
      const row = document.querySelector(`#entries [data-user="${id}"]`);
      const gain = row?.querySelector('.gain');
      if (row) tops.push(Math.round(row.getBoundingClientRect().top));
      if (gain && Number(getComputedStyle(gain).opacity) > 0.5) gains.push(gain.textContent);
      requestAnimationFrame(look);
    };
    look();
    return { tops, gains };
  }, userId);
  return async () => await sight.jsonValue();
}

describe('a board that somebody watches', () => {
  test('moves a row to its new place, and marks what its player gained', async () => {
    const { leaderboardId, players } = await playBoard(service, [300, 200, 100]);
    const [ada, bo, cy] = players;
    if (!ada || !bo || !cy) throw new Error('a player is missing');
    const page = await openPage(browser, `${url}/?board=${leaderboardId}`);
    await untilState(page);
    const sightOf = await watchRow(page, cy.userId);
    await raise(url, cy, 1000, leaderboardId);
    await untilRows(page, 'the climber leads', [
      ['1', cy.username, '1,100'],
      ['2', ada.username, '300'],
      ['3', bo.username, '200'],
    ]);
    const { from, to, between } = await until('the row has arrived', async () => {
      const { tops } = await sightOf();
      const from = tops[0] ?? 0;
      const to = Math.min(...tops);
      const between = tops.filter((top) => top < from - 2 && top > to + 2);
      return to < from - 50 && tops.at(-1) === to && { from, to, between };
    });
    expect(between.length, `between ${from} and ${to}`).toBeGreaterThan(1);
    expect((await sightOf()).gains).toContain('+1,000');
  });

  test('does not move anything for somebody who prefers that, and marks the gain all the same', async () => {
    const { leaderboardId, players } = await playBoard(service, [30, 20]);
    const [ada, bo] = players;
    if (!ada || !bo) throw new Error('a player is missing');
    const page = await openPage(browser, `${url}/?board=${leaderboardId}`, { reducedMotion: 'reduce' });
    await untilState(page);
    const sightOf = await watchRow(page, bo.userId);
    await raise(url, bo, 100, leaderboardId);
    const { tops } = await until('the gain is shown', async () => {
      const sight = await sightOf();
      return sight.gains.includes('+100') && sight;
    });
    expect(new Set(tops).size).toBe(2);
    expect((await rowsOf(page)).map(([, name]) => name)).toEqual([bo.username, ada.username]);
  });

  test('takes in a new player, and lets a deleted one go', async () => {
    const { leaderboardId, players } = await playBoard(service, [30, 20]);
    const [ada, bo] = players;
    if (!ada || !bo) throw new Error('a player is missing');
    const page = await openPage(browser, `${url}/?board=${leaderboardId}`);
    await untilState(page);
    await deletePlayer(url, ada);
    await untilRows(page, 'the deleted player is gone', [['1', bo.username, '20']]);
    await until(
      'one player is left',
      async () => (await page.locator('#players').textContent()) === '1 player',
    );
    await deletePlayer(url, bo);
    await until('the board is empty', async () => await page.getByText('Nobody has scored yet.').isVisible());
    expect(await page.locator('#table').isHidden()).toBe(true);
    const { players: others } = await playBoard(service, [1]);
    const [cy] = others;
    if (!cy) throw new Error('a player is missing');
    await raise(url, cy, 7, leaderboardId);
    await untilRows(page, 'a new player is there', [['1', cy.username, '7']]);
    expect(await page.locator('#empty').isHidden()).toBe(true);
  });

  test('stands still while its reader wants it to, and is at its newest at once then', async () => {
    const { leaderboardId, players } = await playBoard(service, [30, 20]);
    const [ada, bo] = players;
    if (!ada || !bo) throw new Error('a player is missing');
    const page = await openPage(browser, `${url}/?board=${leaderboardId}`);
    await untilState(page);
    await page.getByRole('button', { name: 'Pause' }).click();
    await untilState(page, 'Paused');
    const other = await openPage(browser, `${url}/?board=${leaderboardId}`);
    await raise(url, bo, 100, leaderboardId);
    const after = [
      ['1', bo.username, '120'],
      ['2', ada.username, '30'],
    ];
    await untilRows(other, 'the other page shows it', after);
    expect(await rowsOf(page)).toEqual([
      ['1', ada.username, '30'],
      ['2', bo.username, '20'],
    ]);
    await page.getByRole('button', { name: 'Resume' }).press('Enter');
    await untilRows(page, 'the page shows it too', after);
    await untilState(page);
  });

  test('is still while nobody looks, and at its newest at once when somebody does', async () => {
    const { leaderboardId, players } = await playBoard(service, [30, 20]);
    const [ada, bo] = players;
    if (!ada || !bo) throw new Error('a player is missing');
    const page = await openPage(browser, `${url}/?board=${leaderboardId}`);
    await untilState(page);
    const setHidden = async (isHidden: boolean) =>
      await page.evaluate((hidden) => {
        Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
        return document.getAnimations().length;
      }, isHidden);
    const before = await rowsOf(page);
    await setHidden(true);
    const received = page.evaluate(
      async (stream) =>
        await new Promise<void>((resolve) => {
          const source = new EventSource(stream);
          source.addEventListener('leaderboard', ({ data }: MessageEvent<string>) => {
            if (!data.includes('"total_score":520')) return;
            source.close();
            resolve();
          });
        }),
      `/v1/leaderboards/${leaderboardId}/stream`,
    );
    await raise(url, bo, 500, leaderboardId);
    await received;
    expect(await rowsOf(page)).toEqual(before);
    expect(await setHidden(false)).toBe(0);
    await untilRows(page, 'the newest is shown', [
      ['1', bo.username, '520'],
      ['2', ada.username, '30'],
    ]);
  });

  test('asks anew when nothing came for a minute or so, and goes on saying that it is live', async () => {
    const { leaderboardId } = await playBoard(service, [30]);
    const page = await openPage(browser, 'about:blank');
    await page.clock.install();
    const streams: string[] = [];
    page.on('request', (request) => void (request.url().includes('/stream?') && streams.push(request.url())));
    await page.goto(`${url}/?board=${leaderboardId}`);
    await untilState(page);
    await page.clock.fastForward(20_000);
    expect(streams).toHaveLength(1);
    await page.clock.fastForward(71_000);
    await until('it asked anew', () => streams.length === 2);
    await untilState(page);
  });

  test('comes back by itself after the service was away', { timeout: 180_000 }, async () => {
    const own = await startBuiltService();
    const { leaderboardId, players } = await playBoard(own, [30, 20]);
    const [ada, bo] = players;
    if (!ada || !bo) throw new Error('a player is missing');
    const page = await openPage(browser, `${own.process.url}/?board=${leaderboardId}`, {
      mayFailToLoad: true,
    });
    await untilState(page);
    await own.process.stop();
    await untilState(page, 'Reconnecting');
    expect(await rowsOf(page)).toHaveLength(2);
    const { port } = new URL(own.process.url);
    const second = await startProcess({ DATABASE_URL: own.databaseUrl, PORT: port });
    await raise(second.url, bo, 100, leaderboardId);
    await untilState(page);
    await untilRows(page, 'what happened meanwhile is there', [
      ['1', bo.username, '120'],
      ['2', ada.username, '30'],
    ]);
  });
});

describe("the player's own row", () => {
  test('is below the page with the true rank, moves with the board, and goes when the player gets there', async () => {
    const { leaderboardId, players } = await playBoard(service, [500, 400, 300, 200, 100]);
    const last = players[4];
    if (!last) throw new Error('a player is missing');
    const page = await openPage(browser, `${url}/?board=${leaderboardId}&limit=2&player=${last.userId}`);
    let asked = 0;
    page.on('request', (request) => (asked += request.url().includes('/users/') ? 1 : 0));
    await untilState(page);
    const own = page.locator('#own');
    expect(await own.locator('.place').textContent()).toBe('5');
    await raise(url, last, 150, leaderboardId);
    // Ten moves of the board in little time make the page ask once or twice.
    for (let n = 0; n < 10; n += 1) await raise(url, players[0] ?? last, 1, leaderboardId);
    await until('the rank is that of now', async () => (await own.locator('.place').textContent()) === '4');
    expect(await own.locator('.total').textContent()).toBe('250');
    expect(asked).toBeLessThan(4);
    await raise(url, last, 1000, leaderboardId);
    await until('the row below is gone', async () => await own.isHidden());
    expect((await rowsOf(page))[0]).toEqual(['1', last.username, '1,250']);
    expect(await page.locator('#entries [aria-current="true"]').count()).toBe(1);
  });

  test('stays in view, wherever the page is scrolled to', async () => {
    const scores = Array.from({ length: 40 }, (_, index) => 1000 - index);
    const { leaderboardId, players } = await playBoard(service, scores);
    const middle = players[20];
    const page = await openPage(browser, `${url}/?board=${leaderboardId}&limit=40&player=${middle?.userId}`);
    const row = page.locator('#entries [aria-current="true"]');
    for (const y of [0, 800, 100_000]) {
      await page.evaluate((top) => scrollTo(0, top), y);
      const { top, bottom } = await row.evaluate((element) => element.getBoundingClientRect());
      expect(top, `scrolled to ${y}`).toBeGreaterThanOrEqual(0);
      expect(bottom, `scrolled to ${y}`).toBeLessThanOrEqual(720);
    }
  });
});

describe('a hostile name', () => {
  const names = [
    '<img src=x onerror="document.title=\'owned\'">',
    `"'></bdi></th><script>document.title='owned'</script>`,
    'line\nbreak\u{2028}and\u{2029}data: {}',
    '\u{202e}reversed',
  ];

  test('is text, in the first page and in what the stream brings', async () => {
    const { leaderboardId, players } = await playBoard(service, [50, 40, 30, 20]);
    for (const [index, name] of names.entries()) await rename(service.db, players[index]?.userId ?? '', name);
    const page = await openPage(browser, `${url}/?board=${leaderboardId}`);
    await untilState(page);
    const shown = async () => (await rowsOf(page)).map(([, name]) => name);
    expect(await shown()).toEqual(names);
    // Every name comes anew: with a new row, and into a row that is there.
    const { players: others } = await playBoard(service, [1]);
    await rename(service.db, others[0]?.userId ?? '', '<svg onload="document.title=\'owned\'">');
    if (others[0]) await raise(url, others[0], 100, leaderboardId);
    await until(
      'the newcomer leads',
      async () => (await shown())[0] === '<svg onload="document.title=\'owned\'">',
    );
    expect((await shown()).slice(1)).toEqual(names);
    expect(await page.locator('#entries :is(img, script, svg)').count()).toBe(0);
    expect(await page.title()).not.toContain('owned');
  });
});

test('EventSource needs nothing but the address of the stream', async () => {
  const { leaderboardId, players } = await playBoard(service, [50]);
  const page = await openPage(browser, `${url}/?board=${leaderboardId}`);
  const { data, id } = await page.evaluate(
    async (stream) =>
      await new Promise<{ data: string; id: string }>((resolve) => {
        new EventSource(stream).addEventListener('leaderboard', (event: MessageEvent<string>) =>
          resolve({ data: event.data, id: event.lastEventId }),
        );
      }),
    `/v1/leaderboards/${leaderboardId}/stream`,
  );
  expect(JSON.parse(data)).toMatchObject({
    leaderboard_id: leaderboardId,
    version: Number(id),
    total_players: 1,
    entries: [{ rank: 1, user_id: players[0]?.userId, total_score: 50 }],
  });
});
