import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Certificates {
  /** PEM file of the authority. */
  readonly caFile: string;
  readonly serverCertificate: string;
  readonly serverKey: string;
}

/** Makes an authority and a certificate for 127.0.0.1 in `directory`, with the machine's openssl. */
export function makeCertificates(directory: string): Certificates {
  const path = (name: string) => join(directory, name);
  const openssl = (command: string) =>
    execFileSync('openssl', command.split(' '), { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] });

  writeFileSync(path('names'), 'subjectAltName=IP:127.0.0.1\n');
  openssl('req -newkey rsa:2048 -nodes -subj /CN=authority -x509 -days 2 -keyout ca.key -out ca.crt');
  openssl('req -newkey rsa:2048 -nodes -subj /CN=server -keyout server.key -out server.csr');
  openssl(
    'x509 -req -days 2 -in server.csr -extfile names -CA ca.crt -CAkey ca.key -CAcreateserial -out server.crt',
  );
  return {
    caFile: path('ca.crt'),
    serverCertificate: readFileSync(path('server.crt'), 'utf8'),
    serverKey: readFileSync(path('server.key'), 'utf8'),
  };
}
