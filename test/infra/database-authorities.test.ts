import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, expect, it } from 'vitest';

import { authoritiesFile, authoritiesUrl, provideAuthorities } from '../../infra/database-authorities.ts';

const certificates = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'.repeat(2);
const newDirectory = () => join(mkdtempSync(join(tmpdir(), 'laurel-authorities-')), 'certs');
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
  const directory = newDirectory();
  await provideAuthorities('eu-west-1', { directory, url });
  await provideAuthorities('eu-west-1', { directory, url });
  expect(readFileSync(join(directory, 'rds-eu-west-1.pem'), 'utf8')).toBe(certificates);
  expect(asked).toBe(1);
});

it('fetches those of a second region beside those of the first', async () => {
  const directory = newDirectory();
  const contents = new Map<string, string>();
  for (const region of ['eu-west-1', 'us-east-1']) {
    const bundle = `${certificates}${certificates}`.replaceAll(
      'AAAA',
      Buffer.from(region).toString('base64'),
    );
    contents.set(authoritiesFile(region, directory), bundle);
    await provideAuthorities(region, { directory, url: await serve((_, response) => response.end(bundle)) });
  }
  expect([...contents.keys()]).toEqual(['rds-eu-west-1.pem', 'rds-us-east-1.pem']);
  for (const [file, bundle] of contents) expect(readFileSync(join(directory, file), 'utf8')).toBe(bundle);
});

it('fetches nothing where a file for every region was put by hand', async () => {
  const directory = newDirectory();
  mkdirSync(directory);
  writeFileSync(join(directory, 'rds.pem'), certificates);
  await provideAuthorities('eu-west-1', { directory, url: 'http://127.0.0.1:1/' });
  expect(authoritiesFile('eu-west-1', directory)).toBe('rds.pem');
  expect(readdirSync(directory)).toEqual(['rds.pem']);
});

it.each([
  ['an error', 503, certificates],
  ['a page', 200, '<html>-----BEGIN CERTIFICATE-----</html>'],
  ['nothing', 200, ''],
  ['half of it', 200, certificates.slice(0, 40)],
])('takes %s for no authorities', async (_, status, body) => {
  const url = await serve((_, response) => response.writeHead(status).end(body));
  const directory = newDirectory();
  await expect(provideAuthorities('eu-west-1', { directory, url })).rejects.toThrow(`answered ${status}`);
  expect(() => readdirSync(directory)).toThrow('ENOENT');
});

it('asks Amazon for those of the region', () => {
  expect(authoritiesUrl('eu-west-1')).toBe(
    'https://truststore.pki.rds.amazonaws.com/eu-west-1/eu-west-1-bundle.pem',
  );
});
