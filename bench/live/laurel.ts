import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

import { builtService } from '../../test/harness/build-service.ts';
import { until } from '../../test/harness/until.ts';
import type { Lifetime } from '../harness/lifetime.ts';
import { type LoggedIn, toScoreRequest } from '../harness/players.ts';
import { startServer } from '../harness/service.ts';
import type { Broadcast, Broadcaster, Update } from './broadcaster.ts';

const BOARD = '/v1/leaderboards/global';

/** One event that a stream brought. */
interface Shown {
  readonly id: string;
  readonly data: string;
  readonly page: Page;
}

interface Page {
  readonly entries: readonly { readonly user_id: string; readonly total_score: number }[];
}

interface Scored {
  readonly updates: readonly Update[];
  readonly last: Broadcast;
}

export interface Laurel extends Broadcaster {
  /** The newest event's. */
  data(): string;
  /** Scores so often for so long, whatever the answers do, until the last is shown. Throws when one is refused. */
  scoreAtRate(perSecond: number, seconds: number): Promise<Scored>;
}

/** Starts the built service, whose every update by these players, at least one, is visible; ended with the lifetime. */
export async function startLaurel(
  lifetime: Lifetime,
  env: Readonly<Record<string, string>>,
  players: readonly LoggedIn[],
): Promise<Laurel> {
  const collector = import.meta.resolve('./collect-garbage.mjs');
  const nodeOptions = ['--expose-gc', '--import', collector];
  const service = await startServer(lifetime, { script: builtService, env, nodeOptions });
  const { url, port, pid } = service;
  const shown = watch(lifetime, `${url}${BOARD}/stream`);
  await until('a stream shows the board', () => shown.length > 0);
  // Whoever shares the machine with what is measured has to be lean, which fetch is not.
  const agent = new Agent({ keepAlive: true });
  lifetime.onEnd(() => agent.destroy());
  let turn = 0;
  const scoreNext = async () => {
    turn += 1;
    return await score(url, agent, players[turn % players.length] as LoggedIn);
  };
  const findShown = async (update: Update): Promise<Broadcast> => {
    const event = await until('an update is shown', () => shown.find((one) => shows(one, update)));
    return { committedAt: update.committedAt, id: event.id };
  };
  return {
    name: 'Laurel',
    port,
    path: `${BOARD}/stream`,
    usage: () => service.usage(),
    collectGarbage: () => void process.kill(pid, 'SIGUSR2'),
    data: () => shown.at(-1)?.data ?? '',
    broadcast: async () => {
      // What was shown before cannot show what comes now, and is not searched.
      shown.splice(0, shown.length - 1);
      return await findShown(await scoreNext());
    },
    scoreAtRate: async (perSecond, seconds) => {
      const updates = await atRate(scoreNext, perSecond, perSecond * seconds);
      return { updates, last: await findShown(updates.at(-1) as Update) };
    },
  };
}

/** The moment of the score is a moment before its commit, by the database's clock, which is this machine's. */
async function score(url: string, agent: Agent, player: LoggedIn): Promise<Update> {
  const { method, path, headers, body } = toScoreRequest(player, 1);
  const asked = request(`${url}${path}`, {
    agent,
    method,
    headers: { ...headers, 'content-type': 'application/json' },
  });
  asked.end(body);
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  const received = await text(answer);
  if (answer.statusCode !== 200) throw new Error(`a score was answered with ${answer.statusCode}`);
  const verdict = JSON.parse(received) as { total_score: number; score_first_reached_at: string };
  const reachedAt = verdict.score_first_reached_at;
  const committedAt = Date.parse(reachedAt) + Number(reachedAt.slice(23, 26)) / 1000;
  return { committedAt, userId: player.userId, total: verdict.total_score };
}

/** An open loop: each begins at its time, whether or not those before it are answered. */
async function atRate<Result>(
  work: () => Promise<Result>,
  perSecond: number,
  count: number,
): Promise<Result[]> {
  const started: Promise<Result>[] = [];
  await new Promise<void>((resolve) => {
    const startsAt = performance.now();
    const clock = setInterval(() => {
      const due = Math.min(count, ((performance.now() - startsAt) * perSecond) / 1000);
      while (started.length < due) started.push(work());
      if (started.length < count) return;
      clearInterval(clock);
      resolve();
    }, 1000 / perSecond);
  });
  return await Promise.all(started);
}

/** An event that shows an update, or what came of it since. */
function shows({ page }: Shown, { userId, total }: Update): boolean {
  return page.entries.some((entry) => entry.user_id === userId && entry.total_score >= total);
}

/** One more stream, whose events are kept. */
function watch(lifetime: Lifetime, url: string): Shown[] {
  const shown: Shown[] = [];
  const stopping = new AbortController();
  lifetime.onEnd(() => stopping.abort());
  const read = async () => {
    const { body } = await fetch(url, stopping);
    let rest = '';
    for await (const text of (body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + text).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const [, id, data] = /^id: (.*)\nevent: leaderboard\ndata: (.*)$/m.exec(block) ?? [];
        if (id !== undefined && data !== undefined) shown.push({ id, data, page: JSON.parse(data) as Page });
      }
    }
  };
  void read().catch(() => {});
  return shown;
}
