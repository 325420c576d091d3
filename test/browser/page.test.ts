import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';

import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';

import { launchBrowser, openPage } from '../harness/browser.ts';
import { cleanUp } from '../harness/cleanup.ts';
import { playBoard, rowsOf, startBuiltService, untilState } from './board.ts';

const [service, browser] = await Promise.all([startBuiltService(), launchBrowser()]);
const { url } = service.process;
const full = await playBoard(service, [90, 80, 70, 60, 50, 40, 30, 20, 10, 5, 3, 1]);
const empty = await playBoard(service, []);
const path = `/?board=${full.leaderboardId}`;

/** Light, dark, and behind nothing but the board: what a reader's eyes meet. */
async function colorsOf(page: Page): Promise<{ paper: number; ink: number }> {
  return await page.evaluate(() => {
    const { backgroundColor, color } = getComputedStyle(document.body);
    const brightness = (value: string) =>
      (value.match(/\d+/g) ?? []).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 3;
    return { paper: brightness(backgroundColor), ink: brightness(color) };
  });
}

describe('the first paint', () => {
  test('says everything without JavaScript', async () => {
    const page = await openPage(browser, url + path, { javaScriptEnabled: false });
    const rows = await rowsOf(page);
    expect(rows).toHaveLength(10);
    expect(rows[0]).toEqual(['1', full.players[0]?.username, '90']);
    expect(await page.locator('#players').textContent()).toBe('12 players');
    expect(await page.locator('#connection').isHidden()).toBe(true);
    expect(await page.getByText('Reload to see it move.').isVisible()).toBe(true);
  });

  test('takes less than 30 kB, with all that it loads and nothing compressed', async () => {
    const page = await openPage(browser, 'about:blank');
    const sizes = new Map<string, number>();
    page.on('response', async (response) => {
      const { pathname } = new URL(response.url());
      if (!pathname.startsWith('/v1/')) sizes.set(pathname, (await response.body()).byteLength);
    });
    await page.goto(url + path);
    await untilState(page);
    await page.waitForLoadState('load');
    const kinds = [...sizes.keys()].map((name) => name.split('.')[1] ?? 'html');
    expect(new Set(kinds)).toEqual(new Set(['html', 'css', 'js', 'svg']));
    const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    expect(total, JSON.stringify([...sizes])).toBeLessThan(30_000);
  });
});

describe('the colours', () => {
  test.each([
    ['light', '', 'light'],
    ['dark', '', 'dark'],
    ['light', '&theme=dark', 'dark'],
    ['dark', '&theme=light', 'light'],
  ] as const)('for who prefers %s, of a page with "%s", are %s', async (colorScheme, query, shown) => {
    const page = await openPage(browser, url + path + query, { colorScheme });
    const { paper, ink } = await colorsOf(page);
    expect(paper > ink ? 'light' : 'dark').toBe(shown);
    expect(Math.abs(paper - ink)).toBeGreaterThan(150);
  });
});

test('nothing is wider than a narrow window', async () => {
  const page = await openPage(browser, url + path, { viewport: { width: 320, height: 640 } });
  await untilState(page);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(320);
  expect(await page.locator('#entries .score').first().isVisible()).toBe(true);
});

test('the keyboard reaches every link and button, and shows where it is', async () => {
  const page = await openPage(browser, url + path);
  await untilState(page);
  const controls = page.locator('a, button');
  const seen: (string | null)[] = [];
  for (let n = 0; n < (await controls.count()); n += 1) {
    await page.keyboard.press('Tab');
    const focused = page.locator(':focus-visible');
    seen.push(await focused.textContent());
    expect(await focused.evaluate((element) => getComputedStyle(element).outlineWidth)).toBe('2px');
  }
  expect(seen).toEqual(await controls.allTextContents());
});

/** A page of another site that holds ours. */
async function frame(src: string): Promise<string> {
  const server = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end(`<iframe src="${src}" style="color-scheme: normal" title="Leaderboard"></iframe>`);
  });
  cleanUp(() => void server.close());
  server.listen(0);
  await once(server, 'listening');
  return `http://localhost:${(server.address() as AddressInfo).port}/`;
}

describe('in the frame of another site', () => {
  test('an embedded page is live, without a background, and nothing but the board', async () => {
    const page = await openPage(browser, await frame(`${url}${path}&embed=1`), { colorScheme: 'dark' });
    const inside = page.frameLocator('iframe');
    await inside.locator('#entries tr').first().waitFor();
    expect(await inside.locator('#entries tr').count()).toBe(10);
    for (const chrome of ['.brand', 'footer', 'nav'])
      expect(await inside.locator(chrome).isHidden()).toBe(true);
    const backgrounds = await inside
      .locator('body')
      .evaluate((body) =>
        [body, document.documentElement].map((element) => getComputedStyle(element).backgroundColor),
      );
    expect(backgrounds).toEqual(['rgba(0, 0, 0, 0)', 'rgba(0, 0, 0, 0)']);
    await inside.locator('#connection[data-state="live"]').waitFor({ state: 'attached' });
  });

  test('any other page is refused by the browser', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const refusal = page.waitForEvent('console', (message) => message.text().includes('frame-ancestors'));
    await page.goto(await frame(url + path));
    expect((await refusal).type()).toBe('error');
    await context.close();
  });
});

describe('axe finds nothing to mend', () => {
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  const last = full.players[11]?.username;

  test.each([
    ['in light colours', path, {}],
    ['in dark colours', path, { colorScheme: 'dark' }],
    [
      'in a narrow window, with a row of its own',
      `${path}&player=${last}`,
      { viewport: { width: 360, height: 700 } },
    ],
    [
      'with a player in sight, in dark colours',
      `${path}&player=${full.players[1]?.username}`,
      { colorScheme: 'dark' },
    ],
    ['when embedded', `${path}&embed=1`, {}],
    ['on an empty board', `/?board=${empty.leaderboardId}`, {}],
    ['for a player without a score', `${path}&player=nobody`, {}],
    ['where there is no such leaderboard', '/?board=unknown', { mayFailToLoad: true }],
  ] as const)('%s', async (_, at, options) => {
    // axe makes elements of text, which the policy of the page forbids.
    const page = await openPage(browser, url + at, { ...options, bypassCSP: true });
    if (at !== '/?board=unknown')
      await page.locator('#connection[data-state="live"]').waitFor({ state: 'attached' });
    await page.evaluate(axe);
    const violations = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: { run: () => Promise<{ violations: object[] }> } };
      return (await axe.run()).violations;
    });
    expect(violations).toEqual([]);
  });
});
