const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Beyond it a date says more than a number of days. */
const LONGEST_AGE_MS = 30 * DAY_MS;

const numbers = new Intl.NumberFormat('en');
const days = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' });
const moments = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'medium',
  timeStyle: 'medium',
  timeZone: 'UTC',
});

/** As in `1,234,567`; exact for every integer up to 2^53 - 1. */
export function formatNumber(value: number): string {
  return numbers.format(value);
}

/** How long ago an ISO 8601 moment was, as in `3 min ago`; one in the future is now, because clocks differ. */
export function formatAge(moment: string, nowMs: number): string {
  const ageMs = nowMs - Date.parse(moment);
  if (ageMs < MINUTE_MS) return 'just now';
  if (ageMs < HOUR_MS) return `${Math.floor(ageMs / MINUTE_MS)} min ago`;
  if (ageMs < DAY_MS) return `${Math.floor(ageMs / HOUR_MS)} h ago`;
  if (ageMs < LONGEST_AGE_MS) return `${Math.floor(ageMs / DAY_MS)} d ago`;
  return days.format(Date.parse(moment));
}

/** An ISO 8601 moment for people, to the second, as in `25 Nov 2026, 19:41:07 UTC`. */
export function formatMoment(moment: string): string {
  return `${moments.format(Date.parse(moment))} UTC`;
}
