import { expect, test } from 'vitest';

import { findBrowserProgram } from './browser-program.ts';
import { createMachine } from './fake-machine.ts';

const install = 'apt-get install -y chromium';

test.each(['/opt/mine/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'])(
  'takes %s',
  (path) => {
    const machine = createMachine([path], {});
    expect(findBrowserProgram(machine)).toBe(path);
    expect(machine.commands).toEqual([]);
  },
);

test('takes the one that CHROMIUM_PATH names, or none', () => {
  const env = { PATH: '/usr/bin', CHROMIUM_PATH: '/opt/other/chrome' };
  const files = ['/usr/bin/chromium', '/opt/other/chrome'];
  expect(findBrowserProgram({ ...createMachine(files, {}), env })).toBe('/opt/other/chrome');
  expect(() => findBrowserProgram({ ...createMachine(['/usr/bin/chromium'], {}), env })).toThrow(
    'CHROMIUM_PATH is /opt/other/chrome',
  );
});

test('installs one as root on Debian, and says so', () => {
  const machine = createMachine(['/usr/bin/apt-get'], { [install]: '/usr/bin/chromium' }, true);
  expect(findBrowserProgram(machine)).toBe('/usr/bin/chromium');
  expect(machine.warnings).toEqual([`The tests need a browser, and install one: ${install}`]);
});

test.each([
  ['not root', ['/usr/bin/apt-get'], false],
  ['not Debian', [], true],
  ['offline', ['/usr/bin/apt-get'], true],
])('says what to install where it is %s', (_where, files, isRoot) => {
  const machine = createMachine([...files], {}, isRoot);
  expect(() => findBrowserProgram(machine)).toThrow(install);
  expect(machine.commands.includes('apt-get update')).toBe(isRoot && files.length > 0);
});
