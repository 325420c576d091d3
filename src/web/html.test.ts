import { expect, test } from 'vitest';

import { html } from './html.ts';

test('a value is escaped, and its white space stays', () => {
  expect(String(html`<p title="${'"\n  \''}">${'<b>\n  & </b>'}</p>`)).toBe(
    '<p title="&quot;\n  &#39;">&lt;b&gt;\n  &amp; &lt;/b&gt;</p>',
  );
});

test('html in html is taken as it is, in lists too', () => {
  const items = ['a', '<'].map((text) => html`<li>${text}</li>`);
  expect(
    String(
      html`<ul>
        ${items}
      </ul>`,
    ),
  ).toMatch(/^<ul> ?<li>a<\/li><li>&lt;<\/li> ?<\/ul>$/);
});

test('the indentation of a template is left out', () => {
  // prettier-ignore
  expect(String(html`<ul>
    <li>
      one</li>
  </ul>`)).toBe('<ul> <li> one</li> </ul>');
});
