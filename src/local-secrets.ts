import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

import { inDataDirectory } from './db/index.ts';
import { type Secrets, secretNames, toSecrets } from './config.ts';

/** Where a development machine's secrets are kept; the start prints it, so that a person can find the keys. */
export function localSecretsFile(dataDir: string): string {
  return join(dataDir, 'secrets.env');
}

/**
 * Returns the secrets of a data directory, generated there once. Processes that start together agree:
 * link(2) puts the file in place whole and only if there is none. Throws a DataDirectoryError where that cannot be.
 */
export function readOrCreateLocalSecrets(dataDir: string): Secrets {
  return inDataDirectory(dataDir, () => readOrCreate(dataDir));
}

function readOrCreate(dataDir: string): Secrets {
  const file = localSecretsFile(dataDir);
  if (existsSync(file)) return readSecrets(file);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    writeFileSync(draft, newSecretsText(), { mode: 0o600, flag: 'wx' });
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readSecrets(file);
}

function newSecretsText(): string {
  const lines = secretNames.map((name) => `${name}=${randomBytes(32).toString('base64url')}`);
  return `# Made for this machine. Delete the file to have new ones made.\n${lines.join('\n')}\n`;
}

function readSecrets(file: string): Secrets {
  const values = parseEnv(readFileSync(file, 'utf8'));
  const missing = secretNames.filter((name) => !values[name]);
  if (missing.length > 0) throw new Error(`${file} lacks ${missing.join(', ')}: add them or delete the file`);
  return toSecrets((name) => [values[name] ?? '']);
}
