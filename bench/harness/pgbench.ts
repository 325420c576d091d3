import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { findPostgresBinaries } from '../../test/harness/postgres-binaries.ts';
import type { BenchPostgres } from './postgres.ts';
import { quantileOf } from './statistics.ts';

interface PgbenchRun {
  readonly database: string;
  /** In the language of pgbench. */
  readonly script: string;
  readonly variables: Readonly<Record<string, number>>;
  readonly clients: number;
  readonly seconds: number;
  /** Transactions begin at random times, so many a second; otherwise as fast as they go. */
  readonly ratePerSecond?: number;
}

export interface PgbenchResult {
  readonly perSecond: number;
  /** From when the transaction was due. */
  readonly p99Ms: number;
}

/** Threads beyond the cores of the machine would only take turns. */
const THREADS = 2;

/** Runs a script of transactions with prepared statements. Throws when one fails. */
export async function runPgbench(postgres: BenchPostgres, run: PgbenchRun): Promise<PgbenchResult> {
  const directory = mkdtempSync(join(tmpdir(), 'laurel-pgbench-'));
  try {
    const script = join(directory, 'transaction.sql');
    writeFileSync(script, run.script);
    const options = { cwd: directory, maxBuffer: 2 ** 24 };
    const { stdout } = await promisify(execFile)(
      findPgbench(directory),
      toArguments(postgres, run, script),
      options,
    );
    return toResult(stdout, readLatencies(directory));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function toArguments(postgres: BenchPostgres, run: PgbenchRun, script: string): string[] {
  const options = {
    host: '127.0.0.1',
    port: postgres.port,
    username: 'postgres',
    protocol: 'prepared',
    client: run.clients,
    jobs: Math.min(THREADS, run.clients),
    time: run.seconds,
    file: script,
    ...(run.ratePerSecond !== undefined && { rate: run.ratePerSecond }),
  };
  const flags = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
  const defines = Object.entries(run.variables).map(([name, value]) => `--define=${name}=${value}`);
  return ['--no-vacuum', '--log', ...flags, ...defines, run.database];
}

/** It is one of PostgreSQL's programs, and some packages of the server leave it out. */
function findPgbench(directory: string): string {
  const path = join(findPostgresBinaries(process.env).install(directory), 'pgbench');
  if (existsSync(path)) return path;
  throw new Error(`there is no ${path}: install PostgreSQL with its contributed programs`);
}

function toResult(output: string, latenciesMs: readonly number[]): PgbenchResult {
  const perSecond = Number(/^tps = ([\d.]+)/m.exec(output)?.[1]);
  const failed = Number(/^number of failed transactions: (\d+)/m.exec(output)?.[1] ?? 0);
  if (failed > 0 || !(perSecond > 0)) throw new Error(`pgbench did not succeed:\n${output}`);
  return {
    perSecond,
    p99Ms: quantileOf(
      latenciesMs.toSorted((a, b) => a - b),
      0.99,
    ),
  };
}

/** One file a thread, and a line a transaction whose third field is its latency in microseconds. */
function readLatencies(directory: string): number[] {
  const logs = readdirSync(directory).filter((name) => name.startsWith('pgbench_log.'));
  const lines = logs.flatMap((name) => readFileSync(join(directory, name), 'utf8').trimEnd().split('\n'));
  return lines.map((line) => Number(line.split(' ')[2]) / 1000);
}
