import { inject } from 'vitest';

import type { createApp } from '../../src/app.ts';
import type { Exchange } from './find-violations.ts';
import { toExchange } from './observed-fetch.ts';
import type { Observer } from './observer.ts';

type App = ReturnType<typeof createApp>;

const origins = new Set<string>();
let observer: Promise<Observer> | undefined;

/** Has every answer that fetch gets from a service of ours checked. */
export function observeOrigin(url: string): void {
  origins.add(new URL(url).origin);
}

export function isObserved({ origin }: URL): boolean {
  return origins.has(origin);
}

/** Has every answer of `app.request` checked. What comes over a socket is seen by fetch. */
export function observeRequests(app: App): App {
  const { request } = app;
  app.request = async (input, init, ...rest) => {
    const response = await request(input, init, ...rest);
    const { url, method } = input instanceof Request ? input : { url: String(input), method: 'GET' };
    await observe(await toExchange({ url, method: init?.method ?? method }, response));
    return response;
  };
  return app;
}

/** Throws when an answer is not what the document says. */
export async function observe(exchange: Exchange): Promise<void> {
  // Loaded with the first answer, which most test files never get.
  observer ??= import('./observer.ts').then(({ createObserver }) => createObserver(inject('runDirectory')));
  (await observer)(exchange);
}
