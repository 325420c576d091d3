/** Finds what the service renders into every board. Throws without it, which only a broken page is. */
export function getElement<E extends HTMLElement>(
  type: new () => E,
  selector: string,
  root: ParentNode = document,
): E {
  const element = root.querySelector(selector);
  if (element instanceof type) return element;
  throw new Error(`the page has no ${selector}`);
}
