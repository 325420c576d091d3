import { describe, expect, it } from 'vitest';

import { createLogger } from './log.ts';

interface Line {
  readonly err: { readonly message: string; readonly errors?: readonly object[]; readonly unlogged?: number };
}

function logged(err: unknown): Line['err'] {
  const lines: string[] = [];
  const log = createLogger('info', { write: (line) => void lines.push(line) });
  log.warn({ err }, 'a job failed');
  return (JSON.parse(lines.join('')) as Line).err;
}

describe('the log of several errors in one', () => {
  it('tells the reason of each', () => {
    const reason = Object.assign(new Error('canceling statement'), { code: '57014' });
    const err = logged(new AggregateError([reason, 'a text'], 'some buckets were not rebalanced'));
    expect(err).toMatchObject({
      type: 'AggregateError',
      message: 'some buckets were not rebalanced',
      errors: [
        { type: 'Error', message: 'canceling statement', code: '57014', stack: expect.any(String) },
        { type: 'string', message: 'a text' },
      ],
    });
    expect(err).not.toHaveProperty('unlogged');
  });

  it('tells the first three, and how many there are besides', () => {
    const reasons = Array.from({ length: 50 }, (_, n) => new Error(`reason ${n}`));
    const { errors, unlogged } = logged(new AggregateError(reasons, 'all of them failed'));
    expect(errors).toMatchObject([{ message: 'reason 0' }, { message: 'reason 1' }, { message: 'reason 2' }]);
    expect(unlogged).toBe(47);
  });

  it('keeps the parameters of a statement to itself', () => {
    class DrizzleQueryError extends Error {}
    const { errors } = logged(new AggregateError([new DrizzleQueryError('params: secret')], 'failed'));
    expect(errors).toEqual([{ type: 'DrizzleQueryError', message: 'query failed' }]);
  });
});
