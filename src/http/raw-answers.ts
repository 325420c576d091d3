import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';

import { factory } from './factory.ts';

/**
 * Lets a handler write to Node's response by setting `answerRaw`, after every middleware has set its headers. It must
 * be the outermost middleware: some set theirs only after the handler.
 */
export const rawAnswers = factory.createMiddleware(async (c, next) => {
  await next();
  const answerRaw = c.get('answerRaw');
  const { outgoing } = c.env ?? {};
  if (answerRaw === undefined || !c.res.ok || outgoing === undefined) return;
  answerRaw(outgoing, Object.fromEntries(c.res.headers));
  // In two steps: a replacement is copied otherwise, and the adapter does not recognise the copy.
  c.res = undefined;
  c.res = RESPONSE_ALREADY_SENT;
});
