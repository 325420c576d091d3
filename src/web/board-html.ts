import { toPageView } from '../leaderboards/index.ts';
import type { Assets } from './assets.ts';
import { formatAge, formatMoment, formatNumber } from './board/format.ts';
import { type Entry, formatPlayers } from './board/snapshot.ts';
import { type Html, html } from './html.ts';
import { type Appearance, brandHtml, layoutHtml } from './layout-html.ts';
import type { Board, BoardPlayer } from './read-board.ts';

interface BoardHtmlOptions extends Appearance {
  readonly assets: Assets;
  /** Entries at the most. */
  readonly limit: number;
  readonly nowMs: number;
}

interface RowOptions {
  readonly nowMs: number;
  readonly playerId: string | undefined;
}

/** Imports all other modules, which are preloaded. */
const MAIN = 'client/main.js';

/** The page of a leaderboard, which says everything without its script. */
export function boardHtml(board: Board, options: BoardHtmlOptions): Html {
  const { leaderboard } = board;
  const { assets } = options;
  return layoutHtml({
    ...options,
    title: `${leaderboard.title} – Laurel`,
    description: `${leaderboard.title}: the leaderboard, live.`,
    head: html`${assets.names
        .filter((name) => name.endsWith('.js') && name !== MAIN)
        .map((name) => html`<link rel="modulepreload" href="${assets.pathTo(name)}" />`)}
      <script type="module" src="${assets.pathTo(MAIN)}"></script>`,
    body: html`${headerHtml}
      <main>
        <h1>${leaderboard.title}</h1>
        <p id="players">${formatPlayers({ total_players: board.page.totalPlayers })}</p>
        ${switcherHtml(board, options)} ${tableHtml(board, options)} ${emptyHtml(board)}
        ${unrankedHtml(board.player)}
        <p id="news" class="unseen" aria-live="polite"></p>
      </main>
      <footer>
        <p><a href="/docs">API</a></p>
        <p id="still">As of ${formatMoment(new Date(options.nowMs).toISOString())}. Reload to see it move.</p>
      </footer>`,
  });
}

const headerHtml = html`<header>
  ${brandHtml}
  <div class="controls">
    <p id="connection" role="status" data-state="connecting" hidden><span class="label">Connecting</span></p>
    <button id="hold" type="button" hidden>Pause</button>
  </div>
</header>`;

/** Links, so that it works for everybody; one leaderboard needs none. */
function switcherHtml(board: Board, options: BoardHtmlOptions): Html {
  const { leaderboard, leaderboards } = board;
  if (leaderboards.length < 2) return html``;
  return html`<nav aria-label="Leaderboards">
    <ul>
      ${leaderboards.map(
        ({ id, title }) =>
          html`<li>
            <a href="${toHref(id, board, options)}" ${id === leaderboard.id ? html`aria-current="page"` : ''}
              >${title}</a
            >
          </li>`,
      )}
    </ul>
  </nav>`;
}

/** The same page for another leaderboard. */
function toHref(leaderboardId: string, { player }: Board, { limit, theme }: BoardHtmlOptions): string {
  const query = new URLSearchParams({ board: leaderboardId });
  if (player !== undefined) query.set('player', player.name);
  if (limit !== DEFAULT_LIMIT) query.set('limit', String(limit));
  if (theme !== undefined) query.set('theme', theme);
  return `/?${query.toString()}`;
}

/** Entries of a page that asks for no other number. */
export const DEFAULT_LIMIT = 10;

/** Where the script finds what it follows. */
function tableHtml({ leaderboard, page, player }: Board, { limit, nowMs }: BoardHtmlOptions): Html {
  const api = `/v1/leaderboards/${leaderboard.id}`;
  const { entries } = toPageView(page);
  const row: RowOptions = { nowMs, playerId: player?.userId };
  const below = entries.some(({ user_id: id }) => id === player?.userId) ? undefined : player?.entry;
  const [own] = toPageView({ ...page, entries: below === undefined ? [] : [below] }).entries;
  const position = player?.userId === undefined ? undefined : `${api}/users/${player.userId}`;
  return html`<div
    id="board"
    data-stream="${api}/stream?limit=${limit}"
    ${player?.userId === undefined ? '' : html`data-player="${player.userId}" data-position="${position}"`}
  >
    <table id="table" role="table" aria-label="${leaderboard.title}" ${entries.length === 0 ? 'hidden' : ''}>
      <thead role="rowgroup">
        <tr role="row">
          <th role="columnheader" class="rank">Rank</th>
          <th role="columnheader" class="name">Player</th>
          <th role="columnheader" class="score">Score</th>
          <th role="columnheader" class="age">Reached</th>
        </tr>
      </thead>
      <tbody id="entries" role="rowgroup">
        ${entries.map((entry) => rowHtml(entry, row))}
      </tbody>
      <tfoot id="own" role="rowgroup" ${own === undefined ? 'hidden' : ''}>
        ${rowHtml(own, row)}
      </tfoot>
    </table>
    <template id="row">${rowHtml(undefined, row)}</template>
  </div>`;
}

/** Without an entry, a row that the script fills. */
function rowHtml(entry: Entry | undefined, { nowMs, playerId }: RowOptions): Html {
  const isOwn = entry !== undefined && entry.user_id === playerId;
  const reached = entry?.score_first_reached_at;
  return html`<tr
    role="row"
    data-user="${entry?.user_id ?? ''}"
    data-rank="${entry?.rank ?? ''}"
    data-score="${entry?.total_score ?? ''}"
    ${isOwn ? html`aria-current="true"` : ''}
  >
    <td role="cell" class="rank">
      <span class="place">${entry === undefined ? '' : formatNumber(entry.rank)}</span>
    </td>
    <th role="rowheader" class="name"><bdi>${entry?.username}</bdi></th>
    <td role="cell" class="score">
      <span class="gain" aria-hidden="true"></span>
      <span class="total">${entry === undefined ? '' : formatNumber(entry.total_score)}</span>
    </td>
    <td role="cell" class="age">
      ${
        reached === undefined
          ? html`<time></time>`
          : html`<time datetime="${reached}" title="${formatMoment(reached)}"
              >${formatAge(reached, nowMs)}</time
            >`
      }
    </td>
  </tr>`;
}

function emptyHtml({ page }: Board): Html {
  return html`<div id="empty" ${page.entries.length === 0 ? '' : 'hidden'}>
    <p><strong>Nobody has scored yet.</strong></p>
    <p>The first score appears here by itself. To see a game played, run <code>npm run demo</code>.</p>
  </div>`;
}

function unrankedHtml(player: BoardPlayer | undefined): Html {
  const isShown = player !== undefined && player.entry === undefined;
  return html`<p id="unranked" ${isShown ? '' : 'hidden'}>
    <bdi>${player?.name}</bdi> has no score on this leaderboard yet.
  </p>`;
}
