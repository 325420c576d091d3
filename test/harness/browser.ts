import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';

import { findBrowserProgram } from './browser-program.ts';
import { cleanUp } from './cleanup.ts';

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
];

/** A headless Chromium; closed after the file. */
export async function launchBrowser(): Promise<Browser> {
  const browser = await chromium.launch({ executablePath: findBrowserProgram(), args: flags });
  cleanUp(async () => await browser.close());
  return browser;
}

interface PageOptions extends BrowserContextOptions {
  /** Whether the browser may log what failed to load, as it does while a service is away. */
  readonly mayFailToLoad?: boolean;
}

/**
 * Opens a page that nothing remembers of another; closed after the test, which fails if a script of the page did or if
 * the policy of the page refused anything.
 */
export async function openPage(
  browser: Browser,
  url: string,
  { mayFailToLoad = false, ...options }: PageOptions = {},
): Promise<Page> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    const isExpected = mayFailToLoad && message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isExpected) complaints.push(message.text());
  });
  onTestFinished(async () => {
    await context.close();
    expect(complaints).toEqual([]);
  });
  await page.goto(url);
  return page;
}
