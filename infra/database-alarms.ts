import type { AlarmDefinition } from './alarm-definition.ts';
import { ofAws } from './metric.ts';
import type { Settings } from './settings.ts';

const GIGABYTE = 1024 ** 3;

/** RDS grows storage when less than a tenth is free, at most every six hours: a twentieth means that it did not help. */
const LEAST_FREE_STORAGE = 0.05;
const CONNECTIONS_SHARE = 0.8;

export function databaseAlarms({ database }: Settings): readonly AlarmDefinition[] {
  return [
    {
      name: 'DatabaseStorage',
      heading: 'PostgreSQL runs out of storage',
      metrics: { free: ofAws('database', 'FreeStorageSpace', 'Minimum') },
      is: 'below',
      threshold: LEAST_FREE_STORAGE * database.storageGb * GIGABYTE,
      periodSeconds: 300,
      bad: { periods: 2, of: 2 },
    },
    {
      name: 'DatabaseCpu',
      heading: 'PostgreSQL is short of CPU',
      metrics: { cpu: ofAws('database', 'CPUUtilization', 'Average') },
      is: 'above',
      threshold: 80,
      periodSeconds: 300,
      bad: { periods: 3, of: 3 },
    },
    {
      name: 'DatabaseConnections',
      heading: 'PostgreSQL runs out of connections',
      metrics: { connections: ofAws('database', 'DatabaseConnections', 'Maximum') },
      is: 'above',
      threshold: CONNECTIONS_SHARE * database.maxConnections,
      periodSeconds: 60,
      bad: { periods: 3, of: 5 },
    },
  ];
}
