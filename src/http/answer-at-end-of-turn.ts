import { atEndOfTurn } from '../end-of-turn.ts';
import { factory } from './factory.ts';

/**
 * Holds answers back until the end of the turn of the event loop in which they are ready, to be written one after the
 * other: a client's process that is woken for the first is still awake for the rest, so that each write costs a fraction.
 */
export const answerAtEndOfTurn = factory.createMiddleware(async (_, next) => {
  await next();
  await new Promise<void>((resolve) => atEndOfTurn(resolve));
});
