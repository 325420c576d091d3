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
const MEMBER = /^[-\w]{9}:[-\w]{22}$/;
/** Of a character, by its code. */
const VALUES = Uint8Array.from({ length: 128 }, (_, code) => ALPHABET.indexOf(String.fromCharCode(code)));
/** The three hex digits of each value of two characters. */
const TRIPLES = Array.from({ length: 64 * 64 }, (_, value) => value.toString(16).padStart(3, '0'));

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
  if (!MEMBER.test(member)) throw new TypeError(`not a member: ${member}`);
  const inverted = decode(member, 0, TIME_WIDTH);
  return {
    userId: fromCompactId(member.slice(TIME_WIDTH + 1)),
    scoreFirstReachedAt: fromMicroseconds(Number.MAX_SAFE_INTEGER - inverted),
  };
}

/** A UUID in 22 characters that order as its bytes do: two for every three hex digits, with a zero at the end. */
export function toCompactId(userId: string): string {
  const triples = `${userId.replaceAll('-', '')}0`.match(/[0-9a-f]{3}/gi) ?? [];
  if (userId.length !== 36 || triples.length !== 11) throw new TypeError(`not a UUID: ${userId}`);
  return triples.map((triple) => encode(Number.parseInt(triple, 16), 2)).join('');
}

function fromCompactId(compact: string): string {
  let hex = '';
  for (let at = 0; at < compact.length; at += 2) hex += TRIPLES[decode(compact, at, at + 2)];
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}

function encode(value: number, width: number): string {
  let text = '';
  for (let rest = value; text.length < width; rest = Math.floor(rest / 64))
    text = `${ALPHABET[rest % 64]}${text}`;
  return text;
}

function decode(text: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at += 1) value = value * 64 + (VALUES[text.charCodeAt(at)] ?? 0);
  return value;
}
