const GLIDE = 'glide';
const GLIDE_MS = 500;
const MARK_MS = 2400;
const EASING = 'cubic-bezier(0.2, 0.8, 0.2, 1)';

const reduced = matchMedia('(prefers-reduced-motion: reduce)');

/** Where rows are seen, in pixels from the top of the window; a row that still glides is on its way. */
export type Places = ReadonlyMap<HTMLElement, number>;

export function findPlaces(rows: Iterable<HTMLElement>): Places {
  return new Map([...rows].map((row) => [row, row.getBoundingClientRect().top]));
}

/**
 * Lets rows glide from where they were seen to where they are now, and new ones fade in (FLIP: first, last, invert,
 * play). Whoever prefers reduced motion sees them there at once.
 */
export function glideFrom(before: Places, rows: readonly HTMLElement[]): void {
  for (const row of rows) stopGliding(row);
  if (reduced.matches) return;
  const after = findPlaces(rows);
  for (const [row, top] of after) {
    const distance = (before.get(row) ?? top) - top;
    if (before.has(row) && Math.abs(distance) < 1) continue;
    const from = before.has(row) ? { transform: `translateY(${distance}px)` } : { opacity: 0 };
    // Who climbs passes in front of who falls.
    row.animate([{ ...from, zIndex: distance > 0 ? 1 : 0 }, { zIndex: distance > 0 ? 1 : 0 }], {
      id: GLIDE,
      duration: GLIDE_MS,
      easing: EASING,
    });
  }
}

function stopGliding(row: HTMLElement): void {
  for (const animation of row.getAnimations()) if (animation.id === GLIDE) animation.cancel();
}

/** Shows a mark for a while; returns whether it was still showing. */
export function showMark(mark: HTMLElement): boolean {
  const showing = mark.getAnimations();
  for (const animation of showing) animation.cancel();
  mark.animate({ opacity: reduced.matches ? [1, 1] : [1, 1, 0] }, { duration: MARK_MS });
  return showing.length > 0;
}

/** Lights a row up, unless its reader prefers reduced motion. */
export function flash(row: HTMLElement): void {
  if (reduced.matches) return;
  row.animate({ opacity: [1, 0] }, { duration: MARK_MS / 2, pseudoElement: '::after', easing: 'ease-out' });
}
