import type { Machine } from './machine.ts';

interface FakeMachine extends Machine {
  readonly commands: string[];
  readonly warnings: string[];
}

/** A machine with some files, on which some commands work; a command may add a file. */
export function createMachine(
  files: string[],
  commands: Readonly<Record<string, string>>,
  isRoot = false,
): FakeMachine {
  const ran: string[] = [];
  const warnings: string[] = [];
  return {
    env: { PATH: '/own:/opt/mine' },
    isRoot,
    commands: ran,
    warnings,
    exists: (path) => files.includes(path),
    run: (...parts) => {
      const command = parts.join(' ');
      ran.push(command);
      const effect = commands[command];
      if (effect === undefined) throw new Error(`${command} failed`);
      files.push(effect);
    },
    warn: (message) => warnings.push(message),
  };
}
