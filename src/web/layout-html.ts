import type { Assets } from './assets.ts';
import { type Html, html } from './html.ts';

/** How a page looks, beyond what it says. */
export interface Appearance {
  /** In somebody else's frame or over a video: the board and nothing else, on nothing. */
  readonly isEmbedded: boolean;
  /** In place of what the reader's system prefers. */
  readonly theme: 'light' | 'dark' | undefined;
}

interface Layout extends Appearance {
  readonly assets: Assets;
  readonly title: string;
  readonly description: string;
  readonly head?: Html | undefined;
  readonly body: Html;
}

/** A whole document. */
export function layoutHtml({ assets, title, description, head, body, isEmbedded, theme }: Layout): Html {
  return html`<!doctype html>
    <html lang="en" class="${isEmbedded ? 'embedded' : ''}" data-theme="${theme ?? 'system'}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <meta name="description" content="${description}" />
        <link rel="icon" type="image/svg+xml" href="${assets.pathTo('client/laurel.svg')}" />
        <link rel="stylesheet" href="${assets.pathTo('client/page.css')}" />
        ${head}
      </head>
      <body>
        ${body}
      </body>
    </html>`;
}

/** Whose page it is. */
export const brandHtml = html`<p class="brand">Laurel</p>`;
