import { z } from 'zod';

/** UTF-8, and so the hash, cannot tell lone surrogates apart: with them several passwords would be one. */
export const WellFormed = z.string().regex(/^\P{Cs}*$/u, 'must be well-formed Unicode');

export const Password = WellFormed.min(8, 'must have at least 8 characters')
  .max(128, 'must have at most 128 characters')
  .meta({ format: 'password' });

/** What an API key is called. */
export const ApiKeyName = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(100, 'must have at most 100 characters')
  .regex(/^\P{C}*$/u, 'must have no control characters');

export const ApiKeyRole = z.enum(['game_service', 'admin']);
export type ApiKeyRole = z.infer<typeof ApiKeyRole>;
