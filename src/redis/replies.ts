import { RESP_TYPES } from '@redis/client';

/**
 * How node-redis is asked for replies. It decodes the integers just below 2^53 to wrong neighbours (6.3.1), so they come
 * as text, and all other text as bytes, to tell the one from the other.
 */
export const rawReplies = {
  [RESP_TYPES.NUMBER]: String,
  [RESP_TYPES.SIMPLE_STRING]: Buffer,
  [RESP_TYPES.BLOB_STRING]: Buffer,
};

/** Text, numbers, null and lists of them. Errors within a list stay what they are. */
export function toReply(raw: unknown): unknown {
  if (Array.isArray(raw)) return raw.map(toReply);
  if (Buffer.isBuffer(raw)) return raw.toString();
  return typeof raw === 'string' ? Number(raw) : raw;
}
