import type { Instant } from '../../db/index.ts';

/** Microseconds since 1970 of an Instant, exact until the year 2255. Throws RangeError for times before and after. */
export function toMicroseconds(instant: Instant): number {
  const milliseconds = Date.parse(`${instant.slice(0, -4)}Z`);
  const microseconds = milliseconds * 1000 + Number(instant.slice(-4, -1));
  if (!Number.isSafeInteger(microseconds) || microseconds < 0) {
    throw new RangeError(`not an instant from 1970 to 2255: ${instant}`);
  }
  return microseconds;
}

export function fromMicroseconds(microseconds: number): Instant {
  const milliseconds = new Date(Math.floor(microseconds / 1000)).toISOString().slice(0, -1);
  return `${milliseconds}${String(microseconds % 1000).padStart(3, '0')}Z`;
}
