import { readFileSync } from 'node:fs';

import ts from 'typescript';
import { expect, test } from 'vitest';

const root = new URL('../', import.meta.url);
const pages = ['docs/threat-model.md', 'docs/operations.md'].map((path) => ({
  path,
  text: readFileSync(new URL(path, root), 'utf8'),
}));

/** `file`: "name", "name" – a test file and the names of tests in it. */
function referencesOf(text: string): { file: string; name: string }[] {
  const found = text.matchAll(/`((?:src|test)\/[\w./-]+\.test\.ts)`: ("[^"]+"(?:, "[^"]+")*)/g);
  return [...found].flatMap(([, file = '', names = '']) =>
    [...names.matchAll(/"([^"]+)"/g)].map(([, name = '']) => ({ file, name })),
  );
}

const references = pages.flatMap(({ path, text }) =>
  referencesOf(text).map((reference) => ({ path, ...reference })),
);

/** The titles of the tests and groups of a source text; what is skipped, or only mentioned, has none. */
function titlesOf(source: string): string[] {
  const titles: string[] = [];
  const visit = (node: ts.Node) => {
    const [title] = ts.isCallExpression(node) && isDeclaration(node.expression) ? node.arguments : [];
    if (title !== undefined && ts.isStringLiteralLike(title)) titles.push(title.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('a.test.ts', source, ts.ScriptTarget.Latest));
  return titles;
}

/** `it`, and what is made of it, such as `it.each(…)`. */
function isDeclaration(callee: ts.Expression): boolean {
  if (ts.isIdentifier(callee)) return ['it', 'test', 'describe'].includes(callee.text);
  if (ts.isCallExpression(callee)) return isDeclaration(callee.expression);
  if (!ts.isPropertyAccessExpression(callee)) return false;
  return !['skip', 'todo'].includes(callee.name.text) && isDeclaration(callee.expression);
}

test.each(references)('$path names a test that exists: $file "$name"', ({ file, name }) => {
  expect(titlesOf(readFileSync(new URL(file, root), 'utf8'))).toContain(name);
});

test.each(pages)('$path names no test in another form', ({ text }) => {
  const named = referencesOf(text);
  const mentioned = text.match(/[\w./-]+\.test\.ts/g) ?? [];
  const files = new Set([...named.map(({ file }) => file), 'test/threat-model.test.ts']);
  expect(mentioned.filter((file) => !files.has(file))).toEqual([]);
  expect(named.length).toBeGreaterThan(25);
});

test.each([
  ["it('a name', () => {})", ['a name']],
  ["it(\n  'a name',\n  { timeout: 1 }, () => {})", ['a name']],
  ["test.each([['x', 'y']])('a name', () => {})", ['a name']],
  ["describe.each(named)('a group', () => { it.runIf(x)(`a name`, () => {}) })", ['a group', 'a name']],
  ["// it('a name', () => {})", []],
  ["const name = 'a name'; find('a name');", []],
  ["it.skip('a name', () => {}); test.todo('a name')", []],
])('the titles of %j are %j', (source, titles) => {
  expect(titlesOf(source)).toEqual(titles);
});
