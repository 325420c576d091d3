import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The image takes it along as /app/certs/rds.pem. */
const FILE = 'infra/certs/rds.pem';
const TIMEOUT_MS = 10_000;

/** Where Amazon publishes the authorities that sign the certificates of RDS in a region. */
export function authoritiesUrl(region: string): string {
  return `https://truststore.pki.rds.amazonaws.com/${region}/${region}-bundle.pem`;
}

/**
 * Fetches the authorities of RDS, which no system's store has, unless the file is there. Throws an Error when the
 * answer is not PEM: without them no task could connect.
 */
export async function provideAuthorities(region: string, { file = FILE, url = authoritiesUrl(region) } = {}) {
  if (existsSync(file)) return;
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  const text = response.ok ? await response.text() : '';
  if (!/^-----BEGIN CERTIFICATE-----\n[^]+-----END CERTIFICATE-----\s*$/.test(text)) {
    throw new Error(`${url} answered ${response.status} without certificates; put them into ${file} by hand`);
  }
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}
