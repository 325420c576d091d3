import type { Clock } from '../clock.ts';

/** How many players the stores disagreed about, at the last verification of each leaderboard. */
export interface DriftGauge {
  record(leaderboardId: string, drifted: number): void;
  /** Calls `listener` with every verification from now on. */
  onRecorded(listener: (drifted: number) => void): void;
  /** Of each leaderboard that this process has verified within the interval. */
  readonly byLeaderboard: ReadonlyMap<string, number>;
  /** The worst of them; 0 where nothing can drift, and undefined while no verification is known. */
  readonly value: number | undefined;
}

interface DriftGaugeOptions {
  readonly clock: Clock;
  readonly intervalMs: number | undefined;
}

interface Verified {
  readonly drifted: number;
  readonly at: number;
}

/**
 * Holds what a verification found for as long as until the next is due, which another process may do: then this one has
 * nothing to say any more. So the gauge is there all the time while leaderboards are verified, and missing when they are not.
 */
export function createDriftGauge({ clock, intervalMs }: DriftGaugeOptions): DriftGauge {
  const verified = new Map<string, Verified>();
  const listeners: ((drifted: number) => void)[] = [];
  const held = () => {
    const isOld = ({ at }: Verified) => clock() - at >= (intervalMs ?? 0);
    for (const [leaderboardId, verification] of verified)
      if (isOld(verification)) verified.delete(leaderboardId);
    return new Map([...verified].map(([leaderboardId, { drifted }]) => [leaderboardId, drifted]));
  };
  return {
    record: (leaderboardId, drifted) => {
      verified.set(leaderboardId, { drifted, at: clock() });
      for (const listener of listeners) listener(drifted);
    },
    onRecorded: (listener) => void listeners.push(listener),
    get byLeaderboard() {
      return held();
    },
    get value() {
      if (intervalMs === undefined) return 0;
      const all = [...held().values()];
      return all.length === 0 ? undefined : Math.max(...all);
    },
  };
}
