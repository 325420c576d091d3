import { createHash } from 'node:crypto';

/** A key has at least 24 bytes, most of them random, so a plain hash of it can be neither guessed nor reversed. */
export function hashApiKey(apiKey: string): string {
  return createHash('sha256').update(apiKey).digest('hex');
}
