/**
 * The live leaderboard page: a whole document with the board as it is now, which a script then keeps true.
 *
 * - `*-html.ts` are the documents. Whatever comes from people goes through `html`, which escapes it.
 * - `board/` is what the service and the browser both know of a board; it imports nothing else and touches no document.
 * - `client/` is what the browser runs, in plain modules. It reads all it needs from the document, and makes none of it
 *   out of text: the policy of the page forbids that (`require-trusted-types-for`).
 * - `assets.ts` serves the compiled files of both, and the style, under a path that names their content.
 */
export { readAssets } from './assets.ts';
export { webHandlers } from './handlers.ts';
