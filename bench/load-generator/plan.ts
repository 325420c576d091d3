/** What the load generator is told, as the one message that its parent sends. */
export interface LoadPlan {
  readonly port: number;
  readonly connections: number;
  /** Made by writeRequests. */
  readonly requestFile: string;
  /** Begins anew after the last request; otherwise the run ends there. */
  readonly repeat: boolean;
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** Sends so many requests a second, whatever the answers do; otherwise each connection sends when it was answered. */
  readonly ratePerSecond?: number;
}

/** What it measured, after the warm-up, as the one message that it answers. */
export interface LoadResult {
  readonly answers: number;
  readonly perSecond: number;
  /** How often each status came, the warm-up included. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly latencyMs: {
    readonly p50: number;
    readonly p90: number;
    readonly p99: number;
    readonly max: number;
  };
}
