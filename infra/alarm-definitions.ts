import type { AlarmDefinition } from './alarm-definition.ts';
import { databaseAlarms } from './database-alarms.ts';
import { redisAlarms } from './redis-alarms.ts';
import { serviceAlarms } from './service-alarms.ts';
import type { Settings } from './settings.ts';
import { specifiedAlarms } from './specified-alarms.ts';

/** Every alarm of a stage. */
export function alarmDefinitions(settings: Settings): readonly AlarmDefinition[] {
  return [
    ...specifiedAlarms,
    ...serviceAlarms,
    ...databaseAlarms(settings),
    ...(settings.redis === undefined ? [] : redisAlarms),
  ];
}

/** Where the alarm is explained: a link if it is known where this repository can be read, else its file and heading. */
export function runbookOf({ heading }: AlarmDefinition, repositoryUrl: string | undefined): string {
  const page = `docs/operations.md#${anchorOf(heading)}`;
  return repositoryUrl === undefined ? page : `${repositoryUrl}/blob/main/${page}`;
}

/** As hosts of Markdown make it from a heading without punctuation. */
function anchorOf(heading: string): string {
  return heading.toLowerCase().replaceAll(' ', '-');
}
