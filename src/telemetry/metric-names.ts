/** Where Amazon CloudWatch keeps Laurel's metrics. */
export const METRIC_NAMESPACE = 'Laurel';

export interface MetricDefinition {
  readonly name: string;
  /** As CloudWatch names it. */
  readonly unit: 'Count' | 'Milliseconds' | 'Percent' | 'Bytes';
  /** What a process tells: how often since last told, how it is now, or how each of many turned out. */
  readonly kind: 'counter' | 'gauge' | 'distribution';
  readonly help: string;
}

/** Every metric that a process tells. Stable: alarms and dashboards name them. */
export const metricDefinitions = [
  {
    name: 'ScoreUpdateLatency',
    unit: 'Milliseconds',
    kind: 'distribution',
    help: 'How long score updates took, from arrival to answer',
  },
  {
    name: 'LeaderboardReadLatency',
    unit: 'Milliseconds',
    kind: 'distribution',
    help: 'How long reads of pages and positions took, from arrival to answer',
  },
  {
    name: 'BroadcastLatency',
    unit: 'Milliseconds',
    kind: 'distribution',
    help: 'How long changes of a leaderboard took to reach the streams',
  },
  { name: 'Requests', unit: 'Count', kind: 'counter', help: 'Requests that were answered' },
  { name: 'ServerErrors', unit: 'Count', kind: 'counter', help: 'Answers with a status of 500 or above' },
  { name: 'RateLimited', unit: 'Count', kind: 'counter', help: 'Answers with the status 429' },
  {
    name: 'ActionTokensVerified',
    unit: 'Count',
    kind: 'counter',
    help: 'Action tokens that allowed the score update they came with',
  },
  {
    name: 'ActionTokensRejected',
    unit: 'Count',
    kind: 'counter',
    help: 'Action tokens that did not, for any reason',
  },
  {
    name: 'RedisFallbacks',
    unit: 'Count',
    kind: 'counter',
    help: 'Reads that PostgreSQL answered in place of Redis',
  },
  {
    name: 'ScoresCapped',
    unit: 'Count',
    kind: 'counter',
    help: 'Score updates that met the greatest total there is',
  },
  {
    name: 'LeaderboardDrift',
    unit: 'Count',
    kind: 'gauge',
    help: 'Players whom PostgreSQL and Redis disagreed about when a leaderboard was last verified',
  },
  { name: 'SseConnections', unit: 'Count', kind: 'gauge', help: 'Streams that are open' },
  {
    name: 'SseCapacityUsed',
    unit: 'Percent',
    kind: 'gauge',
    help: 'Open streams, of those that the process may have',
  },
  {
    name: 'RetryQueueDepth',
    unit: 'Count',
    kind: 'gauge',
    help: 'Changes that have yet to be written to Redis',
  },
  {
    name: 'EventLoopDelay',
    unit: 'Milliseconds',
    kind: 'gauge',
    help: 'The 99th percentile of how late timers ran in the last seconds',
  },
  {
    name: 'DatabaseWaiting',
    unit: 'Count',
    kind: 'gauge',
    help: 'Statements that wait for a connection to PostgreSQL',
  },
  { name: 'ResidentMemory', unit: 'Bytes', kind: 'gauge', help: 'Memory that the process holds' },
] as const satisfies readonly MetricDefinition[];

export type MetricDefinitions = typeof metricDefinitions;
export type MetricName = MetricDefinitions[number]['name'];
