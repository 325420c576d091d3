import { readFileSync } from 'node:fs';

/** Linux counts processor time in hundredths of a second (USER_HZ). */
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;

export interface ProcessUsage {
  /** User and system time since its start. */
  readonly cpuSeconds: number;
  readonly rssBytes: number;
}

/** Reads what a process has used so far, from /proc/[pid]/stat (proc(5)). Throws where there is no such file. */
export function readProcessUsage(pid: number): ProcessUsage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is a name in parentheses that may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [userTicks = Number.NaN, systemTicks = Number.NaN] = fields.slice(11, 13).map(Number);
  return {
    cpuSeconds: (userTicks + systemTicks) / TICKS_PER_SECOND,
    rssBytes: Number(fields[21]) * PAGE_BYTES,
  };
}

/** Processor time of a process and of all that it has started, those that have ended included. */
export function readFamilyCpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ownTicks = fields.slice(11, 15).map(Number);
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  const running = children === '' ? [] : children.split(' ').map(Number).map(readCpuSecondsIfRunning);
  return [...ownTicks.map((ticks) => ticks / TICKS_PER_SECOND), ...running].reduce(
    (sum, one) => sum + one,
    0,
  );
}

/** Whoever has ended since is counted with its parent. */
function readCpuSecondsIfRunning(pid: number): number {
  try {
    return readProcessUsage(pid).cpuSeconds;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return 0;
    throw error;
  }
}
