import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import type { Machine } from './machine.ts';
import type { Spread } from './statistics.ts';

const results = fileURLToPath(new URL('../results/', import.meta.url));

/** What one benchmark hands in. */
export interface Report {
  /** What was measured: each with its figures, in the order in which to show them. */
  readonly rows: readonly Row[];
  /** What the benchmark ran on, beside the machine. */
  readonly setting: Readonly<Record<string, string | number>>;
}

export interface Row {
  readonly what: string;
  readonly unit: string;
  readonly value: Spread;
  /** Against what it is held, in the same run. */
  readonly ratio?: { readonly to: string; readonly value: Spread };
  /** Says whether the median of the ratio, or of the value without one, is good enough. */
  readonly target?: { readonly atLeast?: number; readonly atMost?: number };
}

/** Prints a table and writes the same as JSON. Returns whether every target was met. */
export function publish(name: string, machine: Machine, { rows, setting }: Report): boolean {
  const judged = rows.map((row) => ({ ...row, met: isMet(row) }));
  mkdirSync(results, { recursive: true });
  const content = { name, measuredAt: new Date().toISOString(), machine, setting, rows: judged };
  writeFileSync(`${results}${name}.json`, `${JSON.stringify(content, undefined, 2)}\n`);
  process.stdout.write(
    `\n${name}  ${describe({ ...machine, ...setting })}\n${toTable(judged.map(toCells))}\n`,
  );
  return judged.every(({ met }) => met !== false);
}

function isMet({ value, ratio, target }: Row): boolean | undefined {
  if (target === undefined) return undefined;
  const { median } = ratio?.value ?? value;
  return median >= (target.atLeast ?? -Infinity) && median <= (target.atMost ?? Infinity);
}

function describe(facts: Readonly<Record<string, unknown>>): string {
  return Object.entries(facts)
    .map(([name, value]) => `${name}: ${String(value)}`)
    .join(' · ');
}

const head = ['what', 'median', 'min', 'max', 'unit', 'ratio', 'min', 'max', 'to', 'target', 'met'];

function toCells(row: Row & { met: boolean | undefined }): string[] {
  const { what, unit, value, ratio, target, met } = row;
  const ratioCells = ratio === undefined ? ['', '', '', ''] : [...toNumbers(ratio.value), ratio.to];
  const bound =
    target === undefined ? '' : target.atLeast === undefined ? `≤ ${target.atMost}` : `≥ ${target.atLeast}`;
  const verdict = met === undefined ? '' : met ? 'yes' : 'no';
  return [what, ...toNumbers(value), unit, ...ratioCells, bound, verdict];
}

function toNumbers({ median, min, max }: Spread): string[] {
  return [median, min, max].map(format);
}

/** Three significant digits, and no fraction from 1,000 on. */
function format(value: number): string {
  return value >= 1000 ? value.toFixed(0) : value.toPrecision(3);
}

function toTable(rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all
    .map((row) =>
      widths
        .map((width, column) => alignIn(width, column, row[column] ?? ''))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const TEXT_COLUMNS = new Set([0, 4, 8, 9, 10]);

function alignIn(width: number, column: number, text: string): string {
  return TEXT_COLUMNS.has(column) ? text.padEnd(width) : text.padStart(width);
}
