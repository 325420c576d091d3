import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, it } from 'vitest';

import { findKey } from './keys.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'laurel-keys-'));
writeFileSync(join(dataDir, 'secrets.env'), 'GAME_SERVICE_API_KEY=from-the-file\n');
afterAll(() => rmSync(dataDir, { recursive: true }));

const local = 'http://127.0.0.1:3000';
const remote = 'https://scores.example';

it('takes the first key of the environment', () => {
  const env = { DATA_DIR: dataDir, GAME_SERVICE_API_KEY: ' first , second' };
  expect(findKey('GAME_SERVICE_API_KEY', { url: local, env })).toBe('first');
  expect(findKey('GAME_SERVICE_API_KEY', { url: remote, env })).toBe('first');
});

it('falls back to the secrets of this machine for a service on this machine', () => {
  expect(findKey('GAME_SERVICE_API_KEY', { url: local, env: { DATA_DIR: dataDir } })).toBe('from-the-file');
});

it('sends the secrets of this machine to no other one', () => {
  expect(() => findKey('GAME_SERVICE_API_KEY', { url: remote, env: { DATA_DIR: dataDir } })).toThrow(
    'GAME_SERVICE_API_KEY=... npm run demo -- --url https://scores.example',
  );
});

it('says where it looked', () => {
  expect(() => findKey('ADMIN_API_KEY', { url: local, env: { DATA_DIR: dataDir } })).toThrow(
    `ADMIN_API_KEY is not set, and there is none in ${join(dataDir, 'secrets.env')}`,
  );
});
