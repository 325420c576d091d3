import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, expect, it } from 'vitest';

import { authoritiesUrl, provideAuthorities } from '../../infra/database-authorities.ts';

const certificates = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'.repeat(2);
const newFile = () => join(mkdtempSync(join(tmpdir(), 'laurel-authorities-')), 'certs', 'rds.pem');
const servers: ReturnType<typeof createServer>[] = [];

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/bundle.pem`;
}

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

it('fetches the authorities once', async () => {
  let asked = 0;
  const url = await serve((_, response) => {
    asked += 1;
    response.end(certificates);
  });
  const file = newFile();
  await provideAuthorities('eu-west-1', { file, url });
  await provideAuthorities('eu-west-1', { file, url });
  expect(readFileSync(file, 'utf8')).toBe(certificates);
  expect(asked).toBe(1);
});

it.each([
  ['an error', 503, certificates],
  ['a page', 200, '<html>-----BEGIN CERTIFICATE-----</html>'],
  ['nothing', 200, ''],
  ['half of it', 200, certificates.slice(0, 40)],
])('takes %s for no authorities', async (_, status, body) => {
  const url = await serve((_, response) => response.writeHead(status).end(body));
  const file = newFile();
  await expect(provideAuthorities('eu-west-1', { file, url })).rejects.toThrow(`answered ${status}`);
  expect(() => readFileSync(file)).toThrow('ENOENT');
});

it('asks Amazon for those of the region', () => {
  expect(authoritiesUrl('eu-west-1')).toBe(
    'https://truststore.pki.rds.amazonaws.com/eu-west-1/eu-west-1-bundle.pem',
  );
});
