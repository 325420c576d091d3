import { laurel, type Metric, ofAws } from './metric.ts';

interface Graph {
  readonly title: string;
  readonly metrics: readonly Metric[];
  /** A line to compare with, in the graph's unit. */
  readonly limit?: { readonly label: string; readonly value: number };
}

interface Row {
  readonly title: string;
  readonly graphs: readonly Graph[];
}

/** What the dashboard shows, from top to bottom. docs/operations.md says how to read each row. */
export const dashboardRows: readonly Row[] = [
  {
    title: 'Traffic',
    graphs: [
      {
        title: 'Requests',
        metrics: [laurel('Requests', 'Sum'), ofAws('loadBalancer', 'RequestCount', 'Sum')],
      },
      {
        title: 'Failures',
        metrics: [laurel('ServerErrors', 'Sum'), ofAws('loadBalancer', 'HTTPCode_ELB_5XX_Count', 'Sum')],
      },
      {
        title: 'Tasks',
        metrics: [
          ofAws('targets', 'HealthyHostCount', 'Maximum'),
          ofAws('targets', 'UnHealthyHostCount', 'Maximum'),
        ],
      },
      {
        title: 'Load of tasks, percent',
        metrics: [
          ofAws('tasks', 'CPUUtilization', 'Average'),
          ofAws('tasks', 'CPUUtilization', 'Maximum'),
          ofAws('tasks', 'MemoryUtilization', 'Maximum'),
        ],
      },
    ],
  },
  {
    title: 'Latency',
    graphs: [
      {
        title: 'Score updates, ms',
        metrics: [laurel('ScoreUpdateLatency', 'p50'), laurel('ScoreUpdateLatency', 'p99')],
        limit: { label: 'target', value: 100 },
      },
      {
        title: 'Reads of leaderboards, ms',
        metrics: [laurel('LeaderboardReadLatency', 'p50'), laurel('LeaderboardReadLatency', 'p99')],
        limit: { label: 'target', value: 50 },
      },
      { title: 'Event loop, ms late', metrics: [laurel('EventLoopDelay', 'Maximum')] },
      { title: 'Statements waiting', metrics: [laurel('DatabaseWaiting', 'Maximum')] },
    ],
  },
  {
    title: 'Live',
    graphs: [
      {
        title: 'Streams of a task',
        metrics: [laurel('SseConnections', 'Average'), laurel('SseConnections', 'Maximum')],
      },
      {
        title: 'Streams, percent of those a task may have',
        metrics: [laurel('SseCapacityUsed', 'Maximum')],
        limit: { label: 'alarm', value: 80 },
      },
      {
        title: 'Broadcasts, ms',
        metrics: [laurel('BroadcastLatency', 'p50'), laurel('BroadcastLatency', 'p99')],
        limit: { label: 'target', value: 200 },
      },
      { title: 'Memory of a task', metrics: [laurel('ResidentMemory', 'Maximum')] },
    ],
  },
  {
    title: 'Anti-cheat',
    graphs: [
      {
        title: 'Action tokens',
        metrics: [laurel('ActionTokensVerified', 'Sum'), laurel('ActionTokensRejected', 'Sum')],
      },
      {
        title: 'Refused with 429',
        metrics: [laurel('RateLimited', 'Sum')],
        limit: { label: 'alarm', value: 1000 },
      },
      { title: 'Scores at the cap', metrics: [laurel('ScoresCapped', 'Sum')] },
    ],
  },
  {
    title: 'Data stores',
    graphs: [
      {
        title: 'PostgreSQL, CPU percent',
        metrics: [
          ofAws('database', 'CPUUtilization', 'Average'),
          ofAws('replica', 'CPUUtilization', 'Average'),
        ],
      },
      { title: 'PostgreSQL, connections', metrics: [ofAws('database', 'DatabaseConnections', 'Maximum')] },
      { title: 'PostgreSQL, free storage', metrics: [ofAws('database', 'FreeStorageSpace', 'Minimum')] },
      { title: 'Replica, seconds behind', metrics: [ofAws('replica', 'ReplicaLag', 'Maximum')] },
      {
        title: 'Redis, percent',
        metrics: [
          ofAws('redis', 'DatabaseMemoryUsagePercentage', 'Maximum'),
          ofAws('redis', 'EngineCPUUtilization', 'Maximum'),
        ],
      },
      { title: 'Redis, evictions', metrics: [ofAws('redis', 'Evictions', 'Sum')] },
      {
        title: 'Redis and PostgreSQL',
        metrics: [laurel('LeaderboardDrift', 'Maximum'), laurel('RetryQueueDepth', 'Maximum')],
      },
      { title: 'Reads without Redis', metrics: [laurel('RedisFallbacks', 'Sum')] },
    ],
  },
];
