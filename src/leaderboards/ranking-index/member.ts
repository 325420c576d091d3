import type { Instant } from '../../db/index.ts';
import { fromMicroseconds, toMicroseconds } from './microseconds.ts';

/** A player in the order of those with the same score. */
export interface Place {
  readonly userId: string;
  readonly scoreFirstReachedAt: Instant;
}

/** 64 characters in the order of their bytes, so that encoded numbers of one width order as the numbers do. */
const ALPHABET = '-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz';
const TIME_WIDTH = 9;
const MEMBER = /^([-\w]{9}):([-\w]{22})$/;

/**
 * Encodes a place as a member of the sorted set: the time counted back from 2^53 - 1 µs, a colon, the user id.
 * In reverse byte order the earlier time is first, then the greater user id, as PostgreSQL orders `uuid`.
 * The colon keeps a client that guesses types from reading a number. Throws RangeError as toMicroseconds does.
 */
export function toMember({ userId, scoreFirstReachedAt }: Place): string {
  const inverted = Number.MAX_SAFE_INTEGER - toMicroseconds(scoreFirstReachedAt);
  return `${encode(inverted, TIME_WIDTH)}:${toCompactId(userId)}`;
}

/** Decodes what toMember made. Throws TypeError for anything else. */
export function fromMember(member: string): Place {
  const [, time, userId] = MEMBER.exec(member) ?? [];
  if (time === undefined || userId === undefined) throw new TypeError(`not a member: ${member}`);
  return {
    userId: fromCompactId(userId),
    scoreFirstReachedAt: fromMicroseconds(Number.MAX_SAFE_INTEGER - decode(time)),
  };
}

/** A UUID in 22 characters that order as its bytes do: two for every three hex digits, with a zero at the end. */
export function toCompactId(userId: string): string {
  const triples = `${userId.replaceAll('-', '')}0`.match(/[0-9a-f]{3}/gi) ?? [];
  if (userId.length !== 36 || triples.length !== 11) throw new TypeError(`not a UUID: ${userId}`);
  return triples.map((triple) => encode(Number.parseInt(triple, 16), 2)).join('');
}

function fromCompactId(compact: string): string {
  const pairs = compact.match(/../g) ?? [];
  const hex = pairs.map((pair) => decode(pair).toString(16).padStart(3, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})0$/, '$1-$2-$3-$4-$5');
}

function encode(value: number, width: number): string {
  let text = '';
  for (let rest = value; text.length < width; rest = Math.floor(rest / 64))
    text = `${ALPHABET[rest % 64]}${text}`;
  return text;
}

function decode(text: string): number {
  let value = 0;
  for (const character of text) value = value * 64 + ALPHABET.indexOf(character);
  return value;
}
