import type { Exchange } from './find-violations.ts';

type Fetch = typeof fetch;
type Observe = (exchange: Exchange) => Promise<void> | void;

/** Shows the answers of a fetch to `observe` before the caller gets them, and fails as `observe` does. */
export function toObservedFetch(original: Fetch, isObserved: (url: URL) => boolean, observe: Observe): Fetch {
  return async (input, init) => {
    const response = await original(input, init);
    const request = input instanceof Request ? input : { url: String(input), method: 'GET' };
    const asked = { url: request.url, method: init?.method ?? request.method };
    if (isObserved(new URL(asked.url))) await observe(await toExchange(asked, response));
    return response;
  };
}

/** The caller can still read the answer's body. */
export async function toExchange(
  { method, url }: { readonly method: string; readonly url: string },
  response: Response,
): Promise<Exchange> {
  const { status, headers } = response;
  return {
    method: response.redirected ? 'GET' : method.toUpperCase(),
    url: response.url || url,
    status,
    headers,
    body: await readBody(response),
  };
}

/** A stream has no end to wait for, and of an answer that breaks off the caller shall learn by itself. */
async function readBody(response: Response): Promise<string | undefined> {
  if (response.headers.get('Content-Type')?.startsWith('text/event-stream') === true) return undefined;
  return await response
    .clone()
    .text()
    .catch(() => undefined);
}
