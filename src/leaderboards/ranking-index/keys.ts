/** The keys of one board. The braces put all of them in one slot of a cluster, as scripts need. */
export interface BoardKeys {
  readonly board: string;
  readonly members: string;
  readonly ready: string;
  readonly tombstones: string;
  readonly next: string;
  readonly nextMembers: string;
  readonly rebuild: string;
  readonly old: string;
  readonly oldMembers: string;
  readonly watermark: string;
  readonly origin: string;
  readonly syncLock: string;
  readonly report: string;
}

export function boardKeys(leaderboardId: string): BoardKeys {
  const board = `leaderboard:{${leaderboardId}}`;
  return {
    board,
    members: `${board}:members`,
    ready: `${board}:ready`,
    tombstones: `${board}:tombstones`,
    next: `${board}:next`,
    nextMembers: `${board}:next:members`,
    rebuild: `${board}:rebuild`,
    old: `${board}:old`,
    oldMembers: `${board}:old:members`,
    watermark: `${board}:watermark`,
    origin: `${board}:origin`,
    syncLock: `${board}:sync-lock`,
    report: `${board}:report`,
  };
}
