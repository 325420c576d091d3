import type { Database, Statement } from '../db/index.ts';
import type { RedisHealth } from '../redis/index.ts';
import type { Replica } from '../replica/index.ts';

interface Readiness {
  readonly ready: boolean;
  readonly checks: Checks;
}

interface Checks {
  readonly postgres: 'ok' | 'failed';
  /** Missing without one. It decides nothing: what it cannot answer, the primary does. */
  readonly replica?: 'used' | 'not_used';
  /** As the replica. */
  readonly redis?: 'used' | 'not_used';
}

/** Whether the process should be given requests; a process that is stopping says no first. */
export interface Health {
  check(): Promise<Readiness>;
  stopping(): void;
}

const ping: Statement = { name: 'health_ping', text: 'SELECT 1' };
const DEADLINE_MS = 1000;

interface Observed {
  readonly db: Database;
  readonly replica?: Pick<Replica, 'isUsed'> | undefined;
  readonly redis?: { readonly health: Pick<RedisHealth, 'usable'> } | undefined;
}

export function createHealth({ db, replica, redis }: Observed): Health {
  let draining = false;
  let asking: Promise<boolean> | undefined;
  // Whoever comes while one is asked shares its answer: callers without limit must not take the connections.
  const ask = async () => {
    asking ??= answers(db).finally(() => {
      asking = undefined;
    });
    return await asking;
  };
  return {
    check: async () => {
      const postgres = await ask();
      return {
        ready: postgres && !draining,
        checks: {
          postgres: postgres ? 'ok' : 'failed',
          ...(replica && { replica: replica.isUsed() ? 'used' : 'not_used' }),
          ...(redis && { redis: redis.health.usable ? 'used' : 'not_used' }),
        },
      };
    },
    stopping: () => {
      draining = true;
    },
  };
}

async function answers(db: Database): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, DEADLINE_MS, false);
  });
  const pinged = db.run(ping, []).then(
    () => true,
    () => false,
  );
  return await Promise.race([pinged, tooLate]).finally(() => clearTimeout(timer));
}
