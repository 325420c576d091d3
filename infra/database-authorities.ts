import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The image takes it along as /app/certs. */
const DIRECTORY = 'infra/certs';
/** Put there by hand, as for an image that runs in several regions. */
const BY_HAND = 'rds.pem';
const TIMEOUT_MS = 10_000;

/** Where Amazon publishes the authorities that sign the certificates of RDS in a region. */
export function authoritiesUrl(region: string): string {
  return `https://truststore.pki.rds.amazonaws.com/${region}/${region}-bundle.pem`;
}

/** The name of the file that has the authorities of RDS in a region: `rds.pem` where there is one, else the region's own. */
export function authoritiesFile(region: string, directory = DIRECTORY): string {
  return existsSync(join(directory, BY_HAND)) ? BY_HAND : `rds-${region}.pem`;
}

/**
 * Fetches the authorities of RDS, which no system's store has, unless their file is there. Throws an Error when the
 * answer is not PEM: without them no task could connect.
 */
export async function provideAuthorities(
  region: string,
  { directory = DIRECTORY, url = authoritiesUrl(region) } = {},
) {
  const file = join(directory, authoritiesFile(region, directory));
  if (existsSync(file)) return;
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  const text = response.ok ? await response.text() : '';
  if (!/^-----BEGIN CERTIFICATE-----\n[^]+-----END CERTIFICATE-----\s*$/.test(text)) {
    throw new Error(`${url} answered ${response.status} without certificates; put them into ${file} by hand`);
  }
  await mkdir(directory, { recursive: true });
  await writeFile(file, text);
}
