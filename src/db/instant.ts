import { customType } from 'drizzle-orm/pg-core';

/** A time in UTC, ISO 8601 with microseconds: `2026-01-31T09:30:00.000001Z`. Never a Date, which drops them. */
export type Instant = string;

/** Turns PostgreSQL's text of a timestamptz in a UTC session (`2026-01-31 09:30:00.5+00`) into an Instant. */
export function toInstant(text: string): Instant {
  const match = /^(\d{4,}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(?:\+00|Z)$/.exec(text);
  if (match === null) throw new TypeError(`not a UTC timestamp: ${text}`);
  const [, date, time, fraction = ''] = match;
  return `${date}T${time}.${fraction.padEnd(6, '0')}Z`;
}

/** A timestamptz column that is read as an Instant. */
export const instant = customType<{ data: Instant; driverData: string }>({
  dataType: () => 'timestamp (6) with time zone',
  fromDriver: toInstant,
});
