import { expect, it } from 'vitest';

import type { Answer } from './transport.ts';
import { untilAnswered } from './until-answered.ts';

const done: Answer<string> = { kind: 'done', body: 'ok', replayed: false, serverTimeMs: 0 };
const limited = (retryAfterMs: number): Answer<string> => ({
  kind: 'refused',
  code: 'rate_limited',
  detail: '',
  retryAfterMs,
});
const never = new AbortController().signal;

/** Gives the answers in turn and keeps when each was asked for. */
function service(...answers: Answer<string>[]) {
  const askedAt: number[] = [];
  const call = async () => {
    askedAt.push(performance.now());
    return answers[askedAt.length - 1] ?? done;
  };
  return { call, askedAt };
}

it('returns an answer and a refusal at once', async () => {
  const refused: Answer<string> = { kind: 'refused', code: 'forbidden', detail: '', retryAfterMs: 0 };
  const { call, askedAt } = service(refused);
  expect(await untilAnswered(call, never)).toBe(refused);
  expect(await untilAnswered(call, never)).toBe(done);
  expect(askedAt).toHaveLength(2);
});

it('does not come back before Retry-After', async () => {
  const { call, askedAt } = service(limited(1000));
  expect(await untilAnswered(call, never)).toBe(done);
  const [first = 0, second = 0] = askedAt;
  expect(second - first).toBeGreaterThanOrEqual(999);
});

it('returns the last answer when the caller gives up while it waits', async () => {
  const giveUp = new AbortController();
  const { call, askedAt } = service(limited(60_000));
  const answer = untilAnswered(call, giveUp.signal);
  setImmediate(() => giveUp.abort());
  expect(await answer).toEqual(limited(60_000));
  expect(askedAt).toHaveLength(1);
});
