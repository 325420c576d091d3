/** What a client may still do, in the fields of draft-ietf-httpapi-ratelimit-headers-06. */
export const quotaHeaders = [
  'RateLimit-Limit',
  'RateLimit-Remaining',
  'RateLimit-Reset',
  'RateLimit-Policy',
] as const;
