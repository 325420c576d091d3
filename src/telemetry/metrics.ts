import type { Clock } from '../clock.ts';
import type { ErrorCode } from '../errors.ts';
import { createDistribution, type Distribution } from './distribution.ts';
import { createDriftGauge } from './drift-gauge.ts';
import type { MetricDefinitions, MetricName } from './metric-names.ts';

export interface Counter {
  add(): void;
  /** Since the process started. */
  readonly total: number;
}

/** A counter that tells its parts, whose names are those of code and not of requests: they stay few. */
interface CounterByCode extends Omit<Counter, 'add'> {
  add(code: ErrorCode): void;
  readonly byCode: ReadonlyMap<ErrorCode, number>;
}

/** Asked for whenever it is told. */
interface Gauge {
  /** Undefined while there is nothing to say. */
  readonly value: number | undefined;
}

interface SourcedGauge extends Gauge {
  /** 0 without a source. */
  readFrom(source: () => number): void;
}

interface MetricsOptions {
  readonly clock: Clock;
  /** How often the ranking index is verified; undefined without one, which cannot drift. */
  readonly driftIntervalMs: number | undefined;
}

type KeyOf<Kind extends MetricDefinitions[number]['kind']> = Uncapitalize<
  Extract<MetricDefinitions[number], { kind: Kind }>['name']
>;

/** What an output needs of the instruments of each kind. */
type Instruments = Record<KeyOf<'counter'>, Pick<Counter, 'total'>> &
  Record<KeyOf<'gauge'>, Gauge> &
  Record<KeyOf<'distribution'>, Distribution>;

export type Metrics = ReturnType<typeof createMetrics>;

/** What the process counts: an instrument for each name of metric-names.ts. Every output reads the same ones. */
export function createMetrics({ clock, driftIntervalMs }: MetricsOptions) {
  return {
    scoreUpdateLatency: createDistribution(),
    leaderboardReadLatency: createDistribution(),
    broadcastLatency: createDistribution(),
    requests: createCounter(),
    serverErrors: createCounter(),
    rateLimited: createCounter(),
    actionTokensVerified: createCounter(),
    actionTokensRejected: createCounterByCode(),
    redisFallbacks: createCounter(),
    scoresCapped: createCounter(),
    leaderboardDrift: createDriftGauge({ clock, intervalMs: driftIntervalMs }),
    sseConnections: createGauge(),
    sseCapacityUsed: createGauge(),
    retryQueueDepth: createGauge(),
    eventLoopDelay: createGauge(),
    databaseWaiting: createGauge(),
    residentMemory: createGauge(),
  } satisfies Instruments;
}

/** The instrument of a name. */
export function instrumentOf<Name extends MetricName>(
  metrics: Metrics,
  name: Name,
): Metrics[Uncapitalize<Name>] {
  return metrics[`${name.charAt(0).toLowerCase()}${name.slice(1)}` as Uncapitalize<Name>];
}

function createCounter(): Counter {
  let total = 0;
  return {
    add: () => {
      total += 1;
    },
    get total() {
      return total;
    },
  };
}

function createCounterByCode(): CounterByCode {
  const byCode = new Map<ErrorCode, number>();
  const counter = createCounter();
  return {
    add: (code) => {
      counter.add();
      byCode.set(code, (byCode.get(code) ?? 0) + 1);
    },
    get total() {
      return counter.total;
    },
    byCode,
  };
}

function createGauge(): SourcedGauge {
  let read = () => 0;
  return {
    readFrom: (source) => {
      read = source;
    },
    get value() {
      return read();
    },
  };
}
