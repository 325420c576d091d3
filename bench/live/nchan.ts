import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { freePort } from '../../test/harness/free-port.ts';
import type { Lifetime } from '../harness/lifetime.ts';
import { startProgram } from '../harness/service.ts';
import type { Broadcaster } from './broadcaster.ts';

const PROGRAM = '/usr/sbin/nginx';
const MODULE = '/usr/lib/nginx/modules/ngx_nchan_module.so';
/** As often as Laurel, whose streams it is held against. */
const PING_SECONDS = 15;
/** When fewer than a sixteenth of its connections are free, nginx closes those that have not asked yet. */
const OTHER_CONNECTIONS = 100;
const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

interface Setting {
  readonly directory: string;
  readonly port: number;
  readonly streams: number;
}

/** One process, as Laurel is one, that keeps the newest event only and writes nothing down. */
const configuration = ({ directory, port, streams }: Setting) => `
  load_module ${MODULE};
  daemon off;
  master_process off;
  pid ${directory}/nginx.pid;
  error_log stderr warn;
  events { worker_connections ${2 * streams + OTHER_CONNECTIONS}; }
  http {
    access_log off;
    tcp_nodelay on;
    ${TEMPORARY.map((name) => `${name}_temp_path ${directory}/${name};`).join('\n')}
    server {
      listen 127.0.0.1:${port};
      location = /health/live { return 200; }
      location = /publish { nchan_publisher; nchan_channel_id board; nchan_message_buffer_length 1; }
      location = /stream {
        nchan_subscriber eventsource;
        nchan_channel_id board;
        nchan_subscriber_first_message newest;
        nchan_eventsource_ping_interval ${PING_SECONDS};
      }
    }
  }
`;

/** Throws unless nginx is there with its module, and says how to get them. */
export function assertNchanInstalled(): void {
  const missing = [PROGRAM, MODULE].filter((path) => !existsSync(path));
  if (missing.length > 0)
    throw new Error(
      `there is no ${missing.join(' and no ')}: apt-get install nginx-light libnginx-mod-nchan, and stop the nginx that it starts`,
    );
}

/** Starts a private nginx with nchan whose events have this data; ended with the lifetime. */
export async function startNchan(lifetime: Lifetime, data: string, streams: number): Promise<Broadcaster> {
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), 'laurel-nchan-'));
  lifetime.onEnd(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'nginx.conf');
  writeFileSync(file, configuration({ directory, port, streams }));
  const command = [PROGRAM, '-p', directory, '-c', file];
  const program = await startProgram(lifetime, { command, port });
  return {
    name: 'nchan',
    port,
    path: '/stream',
    usage: () => program.usage(),
    collectGarbage: () => {},
    broadcast: async () => {
      const committedAt = performance.timeOrigin + performance.now();
      const headers = { Accept: 'application/json', 'X-EventSource-Event': 'leaderboard' };
      const answer = await fetch(`${program.url}/publish`, { method: 'POST', body: data, headers });
      if (!answer.ok) throw new Error(`nchan answered ${answer.status} to an event`);
      const { last_message_id } = (await answer.json()) as { last_message_id: string };
      return { committedAt, id: last_message_id };
    },
  };
}
