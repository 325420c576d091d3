import type { Database } from '../../src/db/index.ts';
import type { TransportKind } from './redis-clients.ts';

/** Every way in which a user can run the service. */
export const modes = [
  'embedded',
  'PostgreSQL',
  'PostgreSQL and Redis',
  'PostgreSQL and Upstash REST',
] as const;
export type Mode = (typeof modes)[number];

interface Stores {
  readonly store: Database['store'];
  readonly redis: TransportKind | undefined;
}

const storesOf: Readonly<Record<Mode, Stores>> = {
  embedded: { store: 'embedded', redis: undefined },
  PostgreSQL: { store: 'postgres', redis: undefined },
  'PostgreSQL and Redis': { store: 'postgres', redis: 'resp' },
  'PostgreSQL and Upstash REST': { store: 'postgres', redis: 'rest' },
};

export function toStores(mode: Mode): Stores {
  return storesOf[mode];
}
