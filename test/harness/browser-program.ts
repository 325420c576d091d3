import { findProgram, installPackage, type Machine, thisMachine } from './machine.ts';

const browsers = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
/** Outside PATH, on macOS. */
const applications = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/**
 * The path of the browser in CHROMIUM_PATH, else of one of this machine, else of one that is installed now.
 * Throws with what to install.
 */
export function findBrowserProgram(machine: Machine = thisMachine): string {
  const given = machine.env['CHROMIUM_PATH'];
  if (given) return requireProgram(machine, given);
  const found = findOnMachine(machine) ?? install(machine);
  if (found !== undefined) return found;
  throw new Error(
    'The tests need Chromium or Chrome, and found none on PATH. Install it (Debian: apt-get install -y chromium, ' +
      'macOS: brew install --cask chromium), or set CHROMIUM_PATH to the executable of one.',
  );
}

function requireProgram({ exists }: Machine, path: string): string {
  if (exists(path)) return path;
  throw new Error(`CHROMIUM_PATH is ${path}, and nothing is there`);
}

function findOnMachine(machine: Machine): string | undefined {
  return findProgram(machine, browsers) ?? applications.find((path) => machine.exists(path));
}

function install(machine: Machine): string | undefined {
  installPackage(machine, 'chromium', 'a browser');
  return findOnMachine(machine);
}
