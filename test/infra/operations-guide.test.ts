import { readFileSync } from 'node:fs';

import { expect, it } from 'vitest';

import { alarmDefinitions, runbookOf } from '../../infra/alarm-definitions.ts';
import { dashboardRows } from '../../infra/dashboard-rows.ts';
import { serviceVariables } from '../../infra/service-variables.ts';
import { readSettings } from '../../infra/settings.ts';

const guide = readFileSync('docs/operations.md', 'utf8');
const definitions = alarmDefinitions(readSettings('production', {}));

/** The part under a heading of the second level, up to the next. */
function chapter(title: string): string {
  const [, ...chapters] = guide.split(/^## /m);
  return chapters.find((text) => text.startsWith(`${title}\n`)) ?? '';
}

function sections(text: string): Map<string, string> {
  const [, ...parts] = text.split(/^### /m);
  return new Map(parts.map((part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n'))]));
}

it('explains every alarm, in their order, and no other', () => {
  expect([...sections(chapter('Alarms')).keys()]).toEqual(definitions.map(({ heading }) => heading));
});

it('names each alarm with its threshold, and says what it means, what to look at and what to do', () => {
  const explained = sections(chapter('Alarms'));
  for (const { name, heading } of definitions) {
    expect(explained.get(heading)).toContain(`\`${name}\``);
    for (const part of ['**Means:**', '**Look at:**', '**Do:**'])
      expect(explained.get(heading)).toContain(part);
  }
});

it('has one heading for each alarm, from which hosts of Markdown make the anchor that it links to', () => {
  const headings = [...guide.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading);
  for (const definition of definitions) {
    expect(headings.filter((heading) => heading === definition.heading)).toHaveLength(1);
    expect(definition.heading).toMatch(/^[A-Za-z0-9 ]+$/);
    expect(runbookOf(definition, undefined)).toBe(
      `docs/operations.md#${definition.heading.toLowerCase().replaceAll(' ', '-')}`,
    );
  }
});

it('says how to read every row of the dashboard', () => {
  expect([...sections(chapter('Dashboard')).keys()]).toEqual(dashboardRows.map(({ title }) => title));
});

it('lists every variable of the service that a deployment may choose', () => {
  const [, paragraph = ''] = chapter('Deploy').split('behind `LAUREL_SERVICE_`');
  const listed = paragraph.slice(0, paragraph.indexOf('\n\n')).matchAll(/`([A-Z_]+)`/g);
  expect(new Set(Array.from(listed, ([, name]) => name))).toEqual(new Set(serviceVariables));
});

it('lists every variable of a deployment', () => {
  const read = [...readFileSync('infra/settings.ts', 'utf8').matchAll(/'(LAUREL_[A-Z_]+|AWS_REGION)'/g)];
  const listed = [...chapter('Deploy').matchAll(/^\| `([A-Z_]+)`/gm)].map(([, name]) => name);
  expect(new Set(listed)).toEqual(new Set(read.map(([, name]) => name)));
});
