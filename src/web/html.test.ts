import { expect, test } from 'vitest';

import { type Html, html } from './html.ts';

const textOf = async (made: Html) => (await made).toString();

test('a value is escaped, and its white space stays', async () => {
  const title = '"\n  \'';
  const text = '<b>\n  & </b>';
  expect(await textOf(html`<p title="${title}">${text}</p>`)).toBe(
    '<p title="&quot;\n  &#39;">&lt;b&gt;\n  &amp; &lt;/b&gt;</p>',
  );
});

test('html in html is taken as it is, in lists too', async () => {
  const items = ['a', '<'].map((text) => html`<li>${text}</li>`);
  const list = html`<ul>
    ${items}
  </ul>`;
  expect(await textOf(list)).toBe('<ul> <li>a</li><li>&lt;</li> </ul>');
});

test('the indentation of a template is left out', async () => {
  const list = html`<ul>
    <li>one</li>
  </ul>`;
  expect(await textOf(list)).toBe('<ul><li>one</li></ul>');
});
