import { beforeEach, describe, expect, test } from 'vitest';

import type { Logger } from '../telemetry/log.ts';
import { Gate } from './gate.ts';

let now: number;
let logged: object[];
let gate: Gate;

beforeEach(() => {
  now = 10_000;
  logged = [];
  const info = (details: object) => void logged.push({ used: true, ...details });
  const warn = (details: object) => void logged.push({ used: false, ...details });
  gate = new Gate({ clock: () => now, log: { info, warn } as unknown as Logger });
});

describe('a gate', () => {
  test('is closed until the replica is proven fresh', () => {
    expect(gate.isOpen()).toBe(false);
    gate.prove(now);
    expect(gate.isOpen()).toBe(true);
  });

  test('closes 2 s after the moment of the last proof', () => {
    gate.prove(now - 500);
    now += 1499;
    gate.lapse('lagging');
    expect(gate.isOpen()).toBe(true);
    now += 1;
    expect(gate.isOpen()).toBe(false);
  });

  test('stays closed with a proof from 2 s ago', () => {
    gate.prove(now - 2000);
    expect(gate.isOpen()).toBe(false);
  });

  test('closes at once when the replica does not answer, until the next proof', () => {
    gate.prove(now);
    gate.shut('unreachable');
    expect(gate.isOpen()).toBe(false);
    gate.prove(now);
    expect(gate.isOpen()).toBe(true);
  });

  test('lets a replica that failed a read rest for 2 s', () => {
    gate.prove(now);
    gate.readFailed(new Error('too many connections'));
    now += 1999;
    gate.prove(now);
    expect(gate.isOpen()).toBe(false);
    now += 1;
    gate.prove(now);
    expect(gate.isOpen()).toBe(true);
  });

  test('logs each change once, with its reason', () => {
    const err = new Error('down');
    for (const _ of [1, 2, 3]) gate.prove(now - 100);
    now += 2400;
    for (const _ of [1, 2, 3]) gate.lapse('lagging');
    for (const _ of [1, 2, 3]) gate.shut('unreachable', err);
    gate.prove(now);
    expect(logged).toEqual([
      { used: true, lagMs: 100 },
      { used: false, reason: 'lagging', lagMs: 2500 },
      { used: false, reason: 'unreachable', err },
      { used: true, lagMs: 0 },
    ]);
  });
});
