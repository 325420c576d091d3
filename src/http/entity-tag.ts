import { hash } from 'node:crypto';

import type { Context } from 'hono';

import { answer, setHeaders } from './answer.ts';

/** A view as JSON, and its entity tag. */
export interface TaggedJson {
  readonly text: string;
  readonly tag: string;
}

/** The tag is a hash of the text, so that two processes and both stores give one page the same tag. */
export function tagJson(view: object): TaggedJson {
  const text = JSON.stringify(view);
  return { text, tag: `"${hash('sha1', text, 'hex')}"` };
}

/** Answers with the JSON and its tag, or 304 to a client that has it already (RFC 9110, 13.1.2). */
export function answerTagged(c: Context, { text, tag }: TaggedJson): Response {
  setHeaders(c, { ETag: tag });
  if (hasTag(c.req.header('If-None-Match'), tag)) return answer(c, null, 304);
  return answer(c, text, 200, { 'Content-Type': 'application/json' });
}

/** Compares weakly: a proxy that compresses makes a strong tag weak. */
function hasTag(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  return ifNoneMatch.match(/"[^"]*"/g)?.includes(tag) ?? false;
}
