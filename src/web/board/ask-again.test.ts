import { describe, expect, it } from 'vitest';

import { askAgainMs } from './ask-again.ts';

const answered = (status: number | undefined, headers: Readonly<Record<string, string>> = {}) => ({
  status,
  header: (name: string) => headers[name] ?? null,
});

describe('the page asks for a place again', () => {
  it.each([200, 404])('after 3 s when it was answered with %i', (status) => {
    expect(askAgainMs(answered(status), 0)).toBe(3000);
  });

  it('up to half later, by chance', () => {
    expect(askAgainMs(answered(200), 1)).toBe(4500);
  });

  it.each([undefined, 429, 500, 503])('after 20 s when it was answered with %s', (status) => {
    expect(askAgainMs(answered(status), 0)).toBe(20_000);
  });

  it('after the wait that the service asks for, when that is longer', () => {
    expect(askAgainMs(answered(429, { 'Retry-After': '45' }), 0)).toBe(45_000);
    expect(askAgainMs(answered(503, { 'Retry-After': '1' }), 0)).toBe(20_000);
  });

  it('after 20 s when less than a quarter of the quota is left', () => {
    const quota = (remaining: string) => ({ 'RateLimit-Limit': '600', 'RateLimit-Remaining': remaining });
    expect(askAgainMs(answered(200, quota('150')), 0)).toBe(3000);
    expect(askAgainMs(answered(200, quota('149')), 0)).toBe(20_000);
  });

  it('after 3 s when a header makes no sense', () => {
    expect(askAgainMs(answered(200, { 'Retry-After': 'Wed, 25 Nov 2026 19:41:07 GMT' }), 0)).toBe(3000);
  });
});
