import { describe, expect, it } from 'vitest';

import { advance, type Connection, retryDelayMs, type Signal, unconnected } from './connection.ts';

const after = (...signals: Signal[]) => signals.reduce(advance, unconnected);

describe('the connection', () => {
  it('is live from the first snapshot on', () => {
    expect(unconnected.state).toBe('connecting');
    expect(after('snapshot', 'snapshot').state).toBe('live');
  });

  it.each<Signal>(['closing', 'interrupted', 'refused'])(
    'is reconnecting after %s, until a snapshot',
    (signal) => {
      expect(after('snapshot', signal).state).toBe('reconnecting');
      expect(after('snapshot', signal, 'snapshot').state).toBe('live');
    },
  );

  it('counts refusals until a snapshot; an interruption in between is none', () => {
    expect(after('refused', 'interrupted', 'refused').refusals).toBe(2);
    expect(after('refused', 'refused', 'snapshot').refusals).toBe(0);
  });

  it.each<Signal>(['snapshot', 'closing', 'interrupted', 'refused', 'paused'])(
    'stays paused after a late %s',
    (signal) => {
      expect(after('snapshot', 'paused', signal)).toEqual<Connection>({ state: 'paused', refusals: 0 });
    },
  );

  it('reconnects when it is resumed', () => {
    expect(after('refused', 'paused', 'resumed')).toEqual<Connection>({ state: 'reconnecting', refusals: 0 });
  });
});

describe('the delay before the page asks anew', () => {
  const longest = (refusals: number) => retryDelayMs(refusals, 0);

  it('doubles with every refusal, up to half a minute', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 2000].map(longest)).toEqual([
      1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000,
    ]);
  });

  it('is shorter by up to a half, by chance', () => {
    expect(retryDelayMs(3, 0.5)).toBe(3000);
    expect(retryDelayMs(3, 1)).toBe(2000);
  });
});
