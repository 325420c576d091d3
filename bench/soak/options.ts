import { parseArgs } from 'node:util';

export interface SoakOptions {
  readonly minutes: number;
  readonly requestsPerSecond: number;
  /** `private` (a server for this run), `embedded`, or the URL of a database that may be filled with players. */
  readonly store: string;
}

/** Throws with what is wrong about the arguments. */
export function readOptions(args: readonly string[]): SoakOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '10' },
      rate: { type: 'string', default: '200' },
      store: { type: 'string', default: 'private' },
    },
  });
  return {
    minutes: toPositive('minutes', values.minutes),
    requestsPerSecond: toPositive('rate', values.rate),
    store: values.store,
  };
}

function toPositive(name: string, text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new Error(`--${name} must be a number above 0, and is ${text}`);
  return number;
}
