import type { Context } from 'hono';
import type { StatusCode } from 'hono/utils/http-status';

import { type AnswerHeaders, factory } from './factory.ts';

/** Answers that have their request's headers already. */
const complete = new WeakSet<Response>();

/**
 * Has the request's answer carry these headers, a failure's too; to be called before the answer is made. What an answer
 * says itself comes before them, and what `c.header()` was told is in none that `answer` makes.
 */
export function setHeaders(c: Context, headers: Readonly<AnswerHeaders>): void {
  Object.assign(headersOf(c), headers);
}

export function dropHeader(c: Context, name: string): void {
  delete headersOf(c)[name];
}

export function answer(
  c: Context,
  body: string | null,
  status: StatusCode,
  headers: Readonly<AnswerHeaders> = {},
): Response {
  const response = new Response(body, { status, headers: { ...headersOf(c), ...headers } });
  complete.add(response);
  return response;
}

export function answerJson(
  c: Context,
  view: object,
  status: StatusCode = 200,
  headers: Readonly<AnswerHeaders> = {},
): Response {
  return answer(c, JSON.stringify(view), status, { 'Content-Type': 'application/json', ...headers });
}

/** Gives the request's headers to what was not made by `answer`: pages, files, and what a library answers. */
export const completeAnswers = factory.createMiddleware(async (c, next) => {
  await next();
  if (complete.has(c.res)) return;
  const { headers } = c.res;
  for (const [name, value] of Object.entries(headersOf(c))) if (!headers.has(name)) headers.set(name, value);
});

function headersOf(c: Context): AnswerHeaders {
  const known = c.get('answerHeaders') as AnswerHeaders | undefined;
  if (known !== undefined) return known;
  const headers: AnswerHeaders = {};
  c.set('answerHeaders', headers);
  return headers;
}
