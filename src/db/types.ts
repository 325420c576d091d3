import { toInstant } from './instant.ts';

const INT8 = 20;
const TIMESTAMPTZ = 1184;

/** How values leave the drivers. Every bigint that Laurel stores is at most 2^53 - 1, so a number holds it. */
export const parsers: Readonly<Record<number, (text: string) => unknown>> = {
  [INT8]: Number,
  [TIMESTAMPTZ]: toInstant,
};
