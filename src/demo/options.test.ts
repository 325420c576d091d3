import { describe, expect, it } from 'vitest';

import { DemoError } from './demo-error.ts';
import { parseOptions } from './options.ts';

describe('parseOptions', () => {
  it('has a default for every flag', () => {
    expect(parseOptions([])).toEqual({
      players: 20,
      updatesPerSecond: 20,
      seconds: 60,
      cheaterShare: 0.1,
      board: 'global',
      url: undefined,
      help: false,
    });
  });

  it('reads every flag', () => {
    const args =
      '--players 3 --rate .5 --seconds=0 --cheaters 1 --board spring-cup --url http://host:1/base/ --help';
    expect(parseOptions(args.split(' '))).toEqual({
      players: 3,
      updatesPerSecond: 0.5,
      seconds: 0,
      cheaterShare: 1,
      board: 'spring-cup',
      url: 'http://host:1/base',
      help: true,
    });
  });

  it.each([
    ['--players 0', '--players must be a whole number from 1 to 500, not "0"'],
    ['--players 501', '--players must be a whole number from 1 to 500, not "501"'],
    ['--players 2.5', '--players must be a whole number from 1 to 500, not "2.5"'],
    ['--rate 0', '--rate must be a number from 0.1 to 500, not "0"'],
    ['--rate 1e2', '--rate must be a number from 0.1 to 500, not "1e2"'],
    ['--seconds -1', '--seconds must be a whole number from 0 to 86400, not "-1"'],
    ['--cheaters 1.1', '--cheaters must be a number from 0 to 1, not "1.1"'],
    ['--board Up', '--board must have 1 to 64 of a-z 0-9 - and not begin with -, not "Up"'],
    ['--url ftp://host', '--url must be an http:// or https:// address without a user name'],
    ['--url http://me:pass@host', '--url must be an http:// or https:// address without a user name'],
    ['--playrs 3', "Unknown option '--playrs'"],
    ['--players', "Option '--players <value>' argument missing"],
    ['stray', "Unexpected argument 'stray'"],
  ])('refuses %s', (args, message) => {
    expect(() => parseOptions(args.split(' '))).toThrow(message);
  });

  it('names every bad flag at once and ends with exit code 2', () => {
    const parse = () => parseOptions(['--players', 'x', '--rate', 'y']);
    expect(parse).toThrow(/--players.*\n--rate.*\n.*--help/);
    expect(parse).toThrow(DemoError);
    expect(parse).toThrow(expect.objectContaining({ exitCode: 2 }));
  });
});
