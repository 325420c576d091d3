import { Hono } from 'hono';
import { expect, test } from 'vitest';

import { answerAtEndOfTurn } from './answer-at-end-of-turn.ts';

/** Tells in which order requests were handled and answered. */
function recordingApp() {
  const happened: string[] = [];
  const app = new Hono();
  app.use(async (c, next) => {
    await next();
    happened.push(`${c.req.path} answered`);
  }, answerAtEndOfTurn);
  app.get('/fails', (c) => {
    happened.push(`${c.req.path} handled`);
    throw new Error('failed');
  });
  app.get('/:name', (c) => {
    happened.push(`${c.req.path} handled`);
    return c.text('');
  });
  app.onError((_, c) => c.text('', 500));
  return { app, happened };
}

test('answers that are ready in one turn are given after all of them are, also that of a failure', async () => {
  const { app, happened } = recordingApp();
  const answers = await Promise.all(['/a', '/fails', '/b'].map(async (path) => await app.request(path)));
  expect(answers.map(({ status }) => status)).toEqual([200, 500, 200]);
  const inOrder = (what: string) => ['/a', '/fails', '/b'].map((path) => `${path} ${what}`);
  expect(happened).toEqual([...inOrder('handled'), ...inOrder('answered')]);
});

test('whoever comes later is answered too', async () => {
  const { app } = recordingApp();
  for (const path of ['/a', '/b']) expect((await app.request(path)).status).toBe(200);
});
