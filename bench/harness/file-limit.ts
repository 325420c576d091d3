import { readFileSync } from 'node:fs';

/** What a process needs beside the sockets of its streams. */
const OTHER_FILES = 200;

/**
 * Throws unless each process of a run may open so many sockets. Node raises the soft limit to the hard one, and what it
 * starts inherits that.
 */
export function assertSocketsAllowed(sockets: number): void {
  const limits = readFileSync('/proc/self/limits', 'utf8');
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(limits)?.[1] ?? 'unknown';
  const needed = sockets + OTHER_FILES;
  if (hard === 'unlimited' || Number(hard) >= needed) return;
  throw new Error(
    `${sockets} streams need ${needed} open files in a process, and its hard limit is ${hard}: as root run ` +
      `"prlimit --nofile=${needed} npm run bench -- live" (in a container, start it with --ulimit nofile=${needed}), ` +
      'or ask for fewer with --streams',
  );
}
