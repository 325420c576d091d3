/** Moves the board that the service rendered. Everything is on the page already; this only keeps it true. */
import type { Connection } from '../board/connection.ts';
import { describeNews } from '../board/news.ts';
import { type Entry, formatPlayers, type Snapshot } from '../board/snapshot.ts';
import { getElement } from './elements.ts';
import { type OwnPlaceWatch, watchOwnPlace } from './own-place.ts';
import { fillRow, refreshAges, renderRows } from './rows.ts';
import { type BoardEvent, followStream } from './stream.ts';

const AGES_MS = 20_000;
/** A screen reader needs the time to read what changed. */
const NEWS_MS = 5000;

const stateLabels: Readonly<Record<Connection['state'], string>> = {
  connecting: 'Connecting',
  live: 'Live',
  reconnecting: 'Reconnecting',
  paused: 'Paused',
};

const board = getElement(HTMLElement, '#board');
const body = getElement(HTMLTableSectionElement, '#entries', board);
const { stream = '', player: playerId, position } = board.dataset;

const hold = getElement(HTMLButtonElement, '#hold');
/** Whether the reader wants the board to stand still (WCAG 2.2, 2.2.2). */
let isHeld = false;
let state: Connection['state'] = 'connecting';

/** The service's clock minus this one's. */
let aheadMs = 0;
const nowMs = () => Date.now() + aheadMs;

let latest: BoardEvent | undefined;
let told: Snapshot | undefined;
let newsTimer: ReturnType<typeof setTimeout> | undefined;

const ownPlace: OwnPlaceWatch | undefined =
  position === undefined ? undefined : watchOwnPlace(position, ({ entry }) => showOwnPlace(entry));

function isStill(): boolean {
  return isHeld || document.hidden;
}

function showState(): void {
  const shown = isHeld && state === 'live' ? 'paused' : state;
  const connection = getElement(HTMLElement, '#connection');
  connection.hidden = false;
  connection.dataset['state'] = shown;
  getElement(HTMLElement, '.label', connection).textContent = stateLabels[shown];
  if (shown !== 'live') ownPlace?.rest();
}

function receive(event: BoardEvent): void {
  aheadMs = event.version - Date.now();
  latest = event;
  if (!isStill()) show(event, true);
}

function showLatest(isAnimated: boolean): void {
  if (latest !== undefined) show(latest, isAnimated);
  refreshAges(nowMs());
}

function show(event: BoardEvent, isAnimated: boolean): void {
  renderRows(body, event.entries, { nowMs: nowMs(), playerId, isAnimated });
  const isEmpty = event.entries.length === 0;
  getElement(HTMLElement, '#table').hidden = isEmpty;
  getElement(HTMLElement, '#empty').hidden = !isEmpty;
  getElement(HTMLElement, '#players').textContent = formatPlayers(event);
  if (event.entries.some(({ user_id: id }) => id === playerId)) {
    ownPlace?.rest();
    getElement(HTMLElement, '#own').hidden = true;
    getElement(HTMLElement, '#unranked').hidden = true;
  } else {
    ownPlace?.follow();
  }
  told ??= event;
  newsTimer ??= setTimeout(tellNews, NEWS_MS);
}

/** The player's own row below the page; on it, the page has the row. */
function showOwnPlace(entry: Entry | undefined): void {
  const own = getElement(HTMLTableSectionElement, '#own');
  const row = own.rows[0];
  if (row !== undefined && entry !== undefined)
    fillRow(row, entry, { nowMs: nowMs(), playerId, isAnimated: true });
  own.hidden = entry === undefined;
  getElement(HTMLElement, '#unranked').hidden = entry !== undefined;
}

function tellNews(): void {
  newsTimer = undefined;
  if (isHeld || told === undefined || latest === undefined) return;
  const news = describeNews(told, latest, playerId);
  told = latest;
  if (news !== '') getElement(HTMLElement, '#news').textContent = news;
}

document.addEventListener('visibilitychange', () => {
  if (document.hidden) return ownPlace?.rest();
  if (!isHeld) showLatest(false);
});
hold.addEventListener('click', () => {
  isHeld = !isHeld;
  hold.textContent = isHeld ? 'Resume' : 'Pause';
  showState();
  if (!isHeld) showLatest(true);
});
setInterval(() => {
  if (!isStill()) refreshAges(nowMs());
}, AGES_MS);
hold.hidden = false;
getElement(HTMLElement, '#still').hidden = true;
showState();
followStream(stream, {
  onSnapshot: receive,
  onState: (next) => {
    state = next;
    showState();
  },
});
