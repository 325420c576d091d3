import { formatAge, formatMoment, formatNumber } from '../board/format.ts';
import type { Entry } from '../board/snapshot.ts';
import { getElement } from './elements.ts';
import { findPlaces, flash, glideFrom, showMark } from './motion.ts';

interface RowOptions {
  readonly nowMs: number;
  /** The player of the page, whose row stands out. */
  readonly playerId: string | undefined;
  /** Moves rows and marks changes for somebody who looks. */
  readonly isAnimated: boolean;
}

/** Shows entries in their order. A player keeps the row, so that what a reader points at stays what it is. */
export function renderRows(
  body: HTMLTableSectionElement,
  entries: readonly Entry[],
  options: RowOptions,
): void {
  const known = new Map([...body.rows].map((row) => [row.dataset['user'], row]));
  const before = options.isAnimated ? findPlaces(body.rows) : undefined;
  const rows = entries.map((entry) => {
    const row = known.get(entry.user_id) ?? makeRow();
    fillRow(row, entry, options);
    return row;
  });
  arrange(body, rows);
  if (before !== undefined) glideFrom(before, rows);
}

/** Moves only the rows that are out of place: a moved row loses the focus and a screen reader's cursor. */
function arrange(body: HTMLElement, rows: readonly HTMLElement[]): void {
  const staying = new Set<Element>(rows);
  const leaving = Array.from(body.children).filter((row) => !staying.has(row));
  for (const row of leaving) row.remove();
  for (const [index, row] of rows.entries()) {
    const there = body.children[index];
    if (there !== row) body.insertBefore(row, there ?? null);
  }
}

function makeRow(): HTMLTableRowElement {
  const template = getElement(HTMLTemplateElement, '#row');
  const row = template.content.querySelector('tr')?.cloneNode(true);
  if (!(row instanceof HTMLTableRowElement)) throw new Error('the template has no row');
  return row;
}

/** Shows an entry in a row, and marks what its player gained. Names are the players' choice: they only become text. */
export function fillRow(
  row: HTMLTableRowElement,
  entry: Entry,
  { nowMs, playerId, isAnimated }: RowOptions,
): void {
  const isSamePlayer = row.dataset['user'] === entry.user_id;
  const gained = isSamePlayer ? entry.total_score - Number(row.dataset['score']) : 0;
  if (isAnimated && gained !== 0) markGain(row, gained);
  row.dataset['user'] = entry.user_id;
  row.dataset['score'] = String(entry.total_score);
  row.dataset['rank'] = String(entry.rank);
  if (entry.user_id === playerId) row.setAttribute('aria-current', 'true');
  setText(getElement(HTMLElement, '.place', row), formatNumber(entry.rank));
  setText(getElement(HTMLElement, 'bdi', row), entry.username);
  setText(getElement(HTMLElement, '.total', row), formatNumber(entry.total_score));
  const time = getElement(HTMLTimeElement, 'time', row);
  time.dateTime = entry.score_first_reached_at;
  time.title = formatMoment(entry.score_first_reached_at);
  setText(time, formatAge(entry.score_first_reached_at, nowMs));
}

export function refreshAges(nowMs: number): void {
  for (const time of document.querySelectorAll<HTMLTimeElement>('time[datetime]'))
    setText(time, formatAge(time.dateTime, nowMs));
}

/** Writing the same text again would make a screen reader read it again. */
function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Gains that follow each other quickly are shown as their sum. */
function markGain(row: HTMLElement, gained: number): void {
  const mark = getElement(HTMLElement, '.gain', row);
  const shown = Number(mark.dataset['gained'] ?? 0);
  const sum = showMark(mark) ? shown + gained : gained;
  mark.dataset['gained'] = String(sum);
  mark.textContent = `${sum < 0 ? '−' : '+'}${formatNumber(Math.abs(sum))}`;
  flash(row);
}
