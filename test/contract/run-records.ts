import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the processes of one run tell its end: what they exercised, and what they met that is not documented. */
type Record = 'exercised' | 'violations';

/** One write of a short line is whole, whoever else appends. */
export function addRecord(runDirectory: string, record: Record, line: string): void {
  appendFileSync(join(runDirectory, record), `${JSON.stringify(line)}\n`);
}

export function readRecords(runDirectory: string, record: Record): string[] {
  const path = join(runDirectory, record);
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as string);
}
