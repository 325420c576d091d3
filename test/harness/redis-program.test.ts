import { expect, test } from 'vitest';

import { createMachine } from './fake-machine.ts';
import { findRedisProgram } from './redis-program.ts';

const install = 'apt-get install -y redis-server';

test.each(['/opt/mine/redis-server', '/usr/sbin/redis-server', '/opt/homebrew/bin/valkey-server'])(
  'takes %s',
  (path) => {
    const machine = createMachine([path], {});
    expect(findRedisProgram(machine)).toEqual({ description: path, path });
    expect(machine.commands).toEqual([]);
  },
);

test('takes Docker where no server is installed', () => {
  const machine = createMachine(['/usr/bin/apt-get'], { 'docker info': '' }, true);
  expect(findRedisProgram(machine)).toMatchObject({ image: 'redis:7-alpine', path: 'redis-server' });
});

test('installs one as root on Debian, and says so', () => {
  const machine = createMachine(['/usr/bin/apt-get'], { [install]: '/usr/bin/redis-server' }, true);
  expect(findRedisProgram(machine)).toMatchObject({ path: '/usr/bin/redis-server' });
  expect(machine.warnings).toEqual([`The tests need a Redis server, and install one: ${install}`]);
});

test.each([
  ['not root', ['/usr/bin/apt-get'], false],
  ['not Debian', [], true],
  ['offline', ['/usr/bin/apt-get'], true],
])('says what to install where it is %s', (_where, files, isRoot) => {
  const machine = createMachine([...files], {}, isRoot);
  expect(() => findRedisProgram(machine)).toThrow('apt-get install -y redis-server');
  expect(machine.commands.includes('apt-get update')).toBe(isRoot && files.length > 0);
});
