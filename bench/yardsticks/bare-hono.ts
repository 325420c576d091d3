import { createAdaptorServer } from '@hono/node-server';
import { createClient } from '@redis/client';
import { Hono } from 'hono';

import { FORMAT, loadBoardScript } from '../../src/leaderboards/ranking-index/board-script.ts';
import { boardKeys } from '../../src/leaderboards/ranking-index/keys.ts';
import { toCompactId } from '../../src/leaderboards/ranking-index/member.ts';

/**
 * What Hono does at the least: BARE_BODY as it is, and the script that finds a position with the reply as it comes. No
 * ids, limits, logs, checks or names.
 */
const body = process.env['BARE_BODY'] ?? '';
const redis = createClient({ url: process.env['REDIS_URL'] ?? '', RESP: 2 });
await redis.connect();
const script = loadBoardScript('find-positions.lua');
await redis.scriptLoad(script.text);
const { board, members, ready } = boardKeys('global');

const app = new Hono();
app.get('/health/live', (c) => c.text('ok'));
app.get('/top', (c) => c.body(body, 200, { 'Content-Type': 'application/json' }));
app.get('/positions/:user_id', async (c) => {
  const args = [FORMAT, toCompactId(c.req.param('user_id')), '0'];
  return c.json(await redis.evalSha(script.sha1, { keys: [board, members, ready], arguments: args }));
});

createAdaptorServer({ fetch: app.fetch }).listen(Number(process.env['PORT']), '127.0.0.1');
process.on('SIGTERM', () => process.exit());
