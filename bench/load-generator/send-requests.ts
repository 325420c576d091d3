import { type Connection, openConnection } from './connection.ts';
import type { LoadPlan, LoadResult } from './plan.ts';
import { createRecord } from './record.ts';

/** Takes one request after the other, once or for ever; undefined at the end. */
function inOrder(requests: readonly Buffer[], repeat: boolean): () => Buffer | undefined {
  let taken = 0;
  return () => {
    const request = requests[repeat ? taken % requests.length : taken];
    taken += 1;
    return request;
  };
}

interface Pace {
  /** When the next request is due; undefined while none is. */
  take(nowMs: number): number | undefined;
}

/** A request is due whenever there is a connection for it. */
const asAnswered: Pace = { take: (nowMs) => nowMs };

/**
 * Requests are due at random times, as from clients that know nothing of each other (a Poisson process, which pgbench
 * --rate draws too). Latency counts from then on, so that a server that stalls is charged for all who would have come
 * meanwhile.
 */
function atRate(perSecond: number, startMs: number): Pace {
  let dueMs = startMs;
  return {
    take: (nowMs) => {
      if (dueMs > nowMs) return undefined;
      const taken = dueMs;
      dueMs += (-Math.log(1 - Math.random()) / perSecond) * 1000;
      return taken;
    },
  };
}

/** Sends requests to a server as planned; resolves when everything sent was answered. */
export async function sendRequests(plan: LoadPlan, requests: readonly Buffer[]): Promise<LoadResult> {
  const { connections, warmUpMs, measureMs, ratePerSecond, repeat } = plan;
  const idle: Connection[] = [];
  const sentAt = new Map<Connection, number>();
  const takeRequest = inOrder(requests, repeat);
  const startMs = performance.now();
  const untilMs = startMs + warmUpMs + measureMs;
  const pace = ratePerSecond === undefined ? asAnswered : atRate(ratePerSecond, startMs);
  const record = createRecord(startMs + warmUpMs, untilMs);
  let isOver = false;
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });

  const send = () => {
    while (!isOver && idle.length > 0) {
      const now = performance.now();
      const dueMs = now < untilMs ? pace.take(now) : undefined;
      if (dueMs === undefined) break;
      const request = takeRequest();
      if (request === undefined) isOver = true;
      else sendOn(idle.pop(), request, dueMs);
    }
    isOver ||= performance.now() >= untilMs;
    if (isOver && sentAt.size === 0) finish();
  };
  const sendOn = (connection: Connection | undefined, request: Buffer, dueMs: number) => {
    if (connection === undefined) return;
    sentAt.set(connection, dueMs);
    connection.send(request);
  };
  const onAnswer = (connection: Connection, status: number) => {
    record.answered(status, sentAt.get(connection) ?? Number.NaN, performance.now());
    sentAt.delete(connection);
    idle.push(connection);
    send();
  };

  const opened = await Promise.all(
    Array.from({ length: connections }, async () => await openConnection(plan.port, onAnswer)),
  );
  idle.push(...opened);
  // Answers drive what is sent as answered; a rate also needs a clock, and both an end.
  const clock = setInterval(send, 1);
  send();
  await finished;
  clearInterval(clock);
  for (const connection of opened) connection.close();
  return record.toResult();
}
