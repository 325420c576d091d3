import { sqlState } from './faults.ts';

const DEADLOCK_DETECTED = '40P01';
const SERIALIZATION_FAILURE = '40001';
const LOCK_NOT_AVAILABLE = '55P03';

/** Whether the database undid a transaction because of another one: the next attempt meets another situation. */
export function isRolledBack(error: unknown): boolean {
  const state = sqlState(error);
  return state === DEADLOCK_DETECTED || state === SERIALIZATION_FAILURE;
}

/** Whether somebody else was in the way, a lock that was held too long included. */
export function isContention(error: unknown): boolean {
  return isRolledBack(error) || sqlState(error) === LOCK_NOT_AVAILABLE;
}

/** Attempts something once more after an error that `isWorthIt`. */
export async function retryOnce<Result>(
  attempt: () => Promise<Result>,
  isWorthIt: (error: unknown) => boolean,
): Promise<Result> {
  try {
    return await attempt();
  } catch (error) {
    if (!isWorthIt(error)) throw error;
    return await attempt();
  }
}
