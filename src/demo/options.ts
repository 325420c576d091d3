import { parseArgs } from 'node:util';

import { DemoError } from './demo-error.ts';

export interface Options {
  readonly players: number;
  readonly updatesPerSecond: number;
  /** 0 plays until Ctrl-C. */
  readonly seconds: number;
  readonly cheaterShare: number;
  readonly board: string;
  /** Without a slash at its end; undefined for the Laurel of this machine. */
  readonly url: string | undefined;
  readonly help: boolean;
}

interface NumberFlag {
  readonly fallback: string;
  readonly min: number;
  readonly max: number;
  readonly whole: boolean;
}

const numberFlags = {
  players: { fallback: '20', min: 1, max: 500, whole: true },
  rate: { fallback: '20', min: 0.1, max: 500, whole: false },
  seconds: { fallback: '60', min: 0, max: 86_400, whole: true },
  cheaters: { fallback: '0.1', min: 0, max: 1, whole: false },
} satisfies Record<string, NumberFlag>;
type NumberFlagName = keyof typeof numberFlags;

const BOARD_FORM = /^[a-z0-9][a-z0-9-]{0,63}$/;

export const helpText = `Usage: npm run demo -- [flags]

Plays a game against Laurel: players register, a game server registers actions, scores arrive, some clients cheat.
At the end it compares what was accepted with what the board says, and exits with 1 if they differ.

  --players N     how many play, 1 to 500 (default 20)
  --rate N        score updates per second over all players, 0.1 to 500 (default 20)
  --seconds N     how long, 0 to 86400 (default 60); 0 plays until Ctrl-C
  --cheaters N    share of the players who cheat, 0 to 1 (default 0.1)
  --board ID      the leaderboard (default global); made if it does not exist, which needs ADMIN_API_KEY
  --url URL       a running Laurel; without it, the one on port $PORT (3000), started for the game if there is none
  --help          this text

Keys come from GAME_SERVICE_API_KEY and ADMIN_API_KEY, or for a Laurel on this machine from DATA_DIR/secrets.env.
NO_COLOR turns colours off. Ctrl-C stops the game and still prints the summary.
`;

/** Reads the command line. Throws a DemoError with exit code 2 that names every bad flag and its limits. */
export function parseOptions(args: readonly string[]): Options {
  const values = readFlags(args);
  const problems: string[] = [];
  const number = (name: NumberFlagName) => parseNumber(name, values[name], problems);
  const options: Options = {
    players: number('players'),
    updatesPerSecond: number('rate'),
    seconds: number('seconds'),
    cheaterShare: number('cheaters'),
    board: parseBoard(values.board, problems),
    url: parseUrl(values.url, problems),
    help: values.help,
  };
  if (problems.length > 0 && !options.help) throw unusable(problems);
  return options;
}

function readFlags(args: readonly string[]) {
  const number = (name: NumberFlagName) => ({
    type: 'string' as const,
    default: numberFlags[name].fallback,
  });
  try {
    return parseArgs({
      args: joinNegativeNumbers(args),
      options: {
        players: number('players'),
        rate: number('rate'),
        seconds: number('seconds'),
        cheaters: number('cheaters'),
        board: { type: 'string', default: 'global' },
        url: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    throw unusable([error instanceof Error ? error.message : String(error)], error);
  }
}

/** parseArgs calls `--rate -1` ambiguous, where the limits are the better answer. */
function joinNegativeNumbers(args: readonly string[]): string[] {
  return args.flatMap((arg, index) => {
    const [before = '', after = ''] = [args[index - 1], args[index + 1]];
    if (isFlag(before) && isNegative(arg)) return [];
    return isFlag(arg) && isNegative(after) ? [`${arg}=${after}`] : [arg];
  });
}

const isFlag = (arg: string) => /^--[a-z]+$/.test(arg);
const isNegative = (arg: string) => /^-[\d.]/.test(arg);

function parseNumber(name: NumberFlagName, text: string, problems: string[]): number {
  const { min, max, whole }: NumberFlag = numberFlags[name];
  const value = (whole ? /^\d+$/ : /^\d*\.?\d+$/).test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  problems.push(`--${name} must be a ${whole ? 'whole ' : ''}number from ${min} to ${max}, not "${text}"`);
  return min;
}

function parseBoard(text: string, problems: string[]): string {
  if (!BOARD_FORM.test(text)) {
    problems.push(`--board must have 1 to 64 of a-z 0-9 - and not begin with -, not "${text}"`);
  }
  return text;
}

function parseUrl(text: string | undefined, problems: string[]): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') {
    return url.origin + url.pathname.replace(/\/+$/, '');
  }
  problems.push(`--url must be an http:// or https:// address without a user name, not "${text}"`);
  return undefined;
}

function unusable(problems: readonly string[], cause?: unknown): DemoError {
  const text = [...problems, 'npm run demo -- --help lists the flags.'].join('\n');
  return new DemoError(text, { exitCode: 2, cause });
}
