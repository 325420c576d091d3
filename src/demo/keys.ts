import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

import { localSecretsFile } from '../local-secrets.ts';
import { DemoError } from './demo-error.ts';

type KeyName = 'GAME_SERVICE_API_KEY' | 'ADMIN_API_KEY';

/** The first of the listed keys from the environment or, for a Laurel on this machine, from DATA_DIR/secrets.env. */
export function findKey(
  name: KeyName,
  { url, env }: { url: string; env: Readonly<Record<string, string | undefined>> },
): string {
  const file = localSecretsFile(env['DATA_DIR'] || '.data');
  const readsFile = isThisMachine(url);
  const text = env[name]?.trim() || (readsFile && existsSync(file) ? readFileKey(file, name) : '');
  const [key = ''] = text.split(',').map((item) => item.trim());
  if (key !== '') return key;
  const where = readsFile ? `, and there is none in ${file}` : '';
  throw new DemoError(
    `${name} is not set${where}. Pass a key of the service at ${url}: ${name}=... npm run demo -- --url ${url}`,
  );
}

function readFileKey(file: string, name: KeyName): string {
  return parseEnv(readFileSync(file, 'utf8'))[name] ?? '';
}

/** The keys made for this machine are sent to no other one. */
function isThisMachine(url: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname);
}
