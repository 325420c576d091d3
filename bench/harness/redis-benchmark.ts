import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** How many commands a second Redis carries out for `clients`, by the program that comes with it. */
export async function runRedisBenchmark(
  port: number,
  { clients, requests, command }: { clients: number; requests: number; command: readonly string[] },
): Promise<number> {
  const flags = ['-h', '127.0.0.1', '-p', port, '-c', clients, '-n', requests, '--csv'].map(String);
  const { stdout } = await promisify(execFile)('redis-benchmark', [...flags, ...command]);
  // A head, then a line whose first field is the command and whose second is the rate.
  const perSecond = Number(/",?"([\d.]+)"/.exec(stdout.trim().split('\n').at(-1) ?? '')?.[1]);
  if (!(perSecond > 0)) throw new Error(`redis-benchmark did not succeed:\n${stdout}`);
  return perSecond;
}
