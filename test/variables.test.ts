import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

import { describe, expect, test } from 'vitest';

import { readConfig, toSecrets } from '../src/config.ts';
import { variableNames } from '../src/environment.ts';

const example = readFileSync('.env.example', 'utf8');
const readme = readFileSync('README.md', 'utf8');

describe('the documented variables', () => {
  test('.env.example names every variable once, in order', () => {
    const names = [...example.matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name);
    expect(names).toEqual(variableNames);
  });

  test('.env.example has a sentence above each variable', () => {
    const explained = [...example.matchAll(/^# \S.*\.\n([A-Z_]+)=/gm)].map(([, name]) => name);
    expect(explained).toEqual(variableNames);
  });

  test('README.md names every variable once, in order', () => {
    expect([...readmeDefaults().keys()]).toEqual(variableNames);
  });

  test('README.md gives the defaults of .env.example', () => {
    const shown = [...readmeDefaults()].map(([name, value]) => [name, /^`(.*)`$/.exec(value)?.[1] ?? '']);
    expect(Object.fromEntries(shown)).toEqual({ ...parseEnv(example) });
  });

  test('an environment with just the documented defaults is the default configuration', () => {
    const read = (env: Readonly<Record<string, string | undefined>>) =>
      readConfig(env, () => toSecrets(() => ['made-up']));
    expect(read(parseEnv(example))).toEqual(read({}));
  });
});

/** What the table says: a default in backticks, or a word such as "embedded" or a dash where there is none. */
function readmeDefaults(): Map<string, string> {
  const rows = readme.matchAll(/^\| `([A-Z_]+)` *\| *(.*?) *\| *\S.*\|$/gm);
  return new Map([...rows].map(([, name = '', value = '']) => [name, value]));
}
