import { awaitReady, probe } from './await-ready.ts';
import { type Service, startService } from './started-service.ts';

const FOUND_DEADLINE_MS = 5000;

interface FindOptions {
  readonly url: string | undefined;
  readonly port: number;
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Finds the Laurel at `url`, or at this machine's port, where one is started if nothing listens. */
export async function findOrStartService({ url, port, tell, signal }: FindOptions): Promise<Service> {
  const local = `http://127.0.0.1:${port}`;
  if (url === undefined && (await probe(local)).state === 'nothing') {
    return await startService({ url: local, port, tell, signal });
  }
  const found = url ?? local;
  await awaitReady(found, FOUND_DEADLINE_MS, signal);
  tell(`Playing against the Laurel at ${found}`);
  return { url: found, stop: async () => {} };
}
