import type { Assets } from './assets.ts';
import { type Html, html } from './html.ts';
import { type Appearance, brandHtml, layoutHtml } from './layout-html.ts';

interface ProblemHtmlOptions extends Appearance {
  readonly assets: Assets;
}

interface ShownProblem {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly request_id: string;
}

/** The page for a failure; what passes by itself says so. */
export function problemHtml(problem: ShownProblem, options: ProblemHtmlOptions): Html {
  const { status, title, detail, request_id: requestId } = problem;
  return layoutHtml({
    ...options,
    title: `${title} – Laurel`,
    description: title,
    body: html`<header>${brandHtml}</header>
      <main class="problem">
        <p class="status">${status}</p>
        <h1>${title}</h1>
        <p>${status === 503 ? 'That passes by itself. Please try again in a moment.' : detail}</p>
        <p><a href="/">Go to the leaderboard</a></p>
      </main>
      <footer>
        <p>Request <code>${requestId}</code></p>
      </footer>`,
  });
}
