import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { html } from 'hono/html';

import { AppError, errorCodes } from '../errors.ts';
import { setHeaders } from './answer.ts';
import { factory } from './factory.ts';
import { pageOperation } from './openapi.ts';
import { statusOf, titleOf } from './problem.ts';
import type { RateLimits } from './rate-limits.ts';

const JAVASCRIPT = 'text/javascript; charset=utf-8';

/** The only files of the package that the page loads; a name outside this list never reaches the file system. */
const assetTypes: ReadonlyMap<string, string> = new Map([
  ['swagger-ui.css', 'text/css; charset=utf-8'],
  ['swagger-ui-bundle.js', JAVASCRIPT],
]);

const describeAsset = pageOperation({
  id: 'getDocsAsset',
  summary: 'Read a file that the page loads',
  success: { 200: { description: 'The file', contentTypes: ['text/css', 'text/javascript'] } },
  errors: ['not_found'],
  limited: true,
});

const htmlPage = { 200: { description: 'The page', contentTypes: ['text/html'] } };

const assetFolder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'";

const START_SCRIPT = "SwaggerUIBundle({ url: '/openapi.json', dom_id: '#docs', deepLinking: true });\n";

const assets = new Map<string, Buffer<ArrayBuffer>>();

/** Read when it is first asked for, and shared by all answers: the largest has more than a megabyte. */
function readAsset(name: string): Buffer<ArrayBuffer> {
  const asset = assets.get(name) ?? readFileSync(join(assetFolder, name));
  assets.set(name, asset);
  return asset;
}

/** A Response copies the bytes that it is given, but not those of a stream. */
function toStream(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (controller) => {
      controller.enqueue(bytes);
      controller.close();
    },
  });
}

/** The human side of the OpenAPI document, and the list of error codes that problem details link to. */
export function docsHandlers({ limits }: { limits: RateLimits }) {
  return {
    page: factory.createHandlers(
      pageOperation({
        id: 'getDocsPage',
        summary: 'Read this document as a page',
        success: htmlPage,
        limited: true,
      }),
      limits.readsByAddress,
      (c) => {
        setHeaders(c, { 'Content-Security-Policy': CONTENT_SECURITY_POLICY });
        return c.html(docsPage);
      },
    ),
    errors: factory.createHandlers(
      pageOperation({
        id: 'getErrorsPage',
        summary: 'Read what every error code means',
        success: htmlPage,
        limited: true,
      }),
      limits.readsByAddress,
      (c) => {
        setHeaders(c, { 'Content-Security-Policy': CONTENT_SECURITY_POLICY });
        return c.html(errorsPage);
      },
    ),
    asset: factory.createHandlers(describeAsset, limits.readsByAddress, (c) => {
      const name = c.req.param('file') ?? '';
      setHeaders(c, { 'Cache-Control': 'public, max-age=3600' });
      if (name === 'start.js') return c.body(START_SCRIPT, 200, { 'Content-Type': JAVASCRIPT });
      const type = assetTypes.get(name);
      if (type === undefined) throw new AppError('not_found', 'there is no such file');
      const asset = readAsset(name);
      const length = String(asset.byteLength);
      return c.body(toStream(asset), 200, { 'Content-Type': type, 'Content-Length': length });
    }),
  };
}

const docsPage = html`<!doctype html>
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width" />
      <title>Laurel: HTTP API</title>
      <link rel="stylesheet" href="/docs/assets/swagger-ui.css" />
    </head>
    <body>
      <div id="docs"></div>
      <script src="/docs/assets/swagger-ui-bundle.js"></script>
      <script src="/docs/assets/start.js"></script>
    </body>
  </html>`;

const errorsPage = html`<!doctype html>
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width" />
      <title>Laurel: error codes</title>
    </head>
    <body>
      <h1>Error codes</h1>
      <dl>
        ${errorCodes.map(
          (code) =>
            html`<dt id="${code}"><code>${code}</code> (${statusOf[code]})</dt>
              <dd>${titleOf[code]}</dd>`,
        )}
      </dl>
    </body>
  </html>`;
