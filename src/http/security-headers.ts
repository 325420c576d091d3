import { setHeaders } from './answer.ts';
import { factory } from './factory.ts';

/**
 * What the OWASP Secure Headers Project has every answer carry. Pages bring a Content-Security-Policy of their own. A
 * page that other sites may frame goes without X-Frame-Options, which cannot name them.
 */
const SECURITY_HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Origin-Agent-Cluster': '?1',
  'Referrer-Policy': 'no-referrer',
  'Strict-Transport-Security': 'max-age=15552000; includeSubDomains',
  'X-Content-Type-Options': 'nosniff',
  'X-DNS-Prefetch-Control': 'off',
  'X-Download-Options': 'noopen',
  'X-Frame-Options': 'SAMEORIGIN',
  'X-Permitted-Cross-Domain-Policies': 'none',
  'X-XSS-Protection': '0',
};

export const securityHeaders = factory.createMiddleware(async (c, next) => {
  setHeaders(c, SECURITY_HEADERS);
  await next();
});
