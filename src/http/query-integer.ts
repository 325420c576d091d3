import { z } from 'zod';

/** A whole number in a query string, in plain digits; OpenAPI shows it as an integer. */
export function queryInteger(min: number, max: number, fallback: number) {
  const message = `must be a whole number from ${min} to ${max}`;
  return z
    .string({ error: message })
    .refine((text) => /^\d{1,16}$/.test(text), message)
    .transform(Number)
    .refine((value) => value >= min && value <= max, message)
    .default(fallback)
    .meta({ type: 'integer', minimum: min, maximum: max, description: `${fallback} when it is left out` });
}
