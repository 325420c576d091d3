const BATCH_SIZE = 500;

/**
 * Deletes what is no longer needed, a small batch at a time, so that no statement holds many locks for long.
 * `deleteBatch` deletes up to its argument and returns how many; so does this.
 */
export async function purgeInBatches(deleteBatch: (limit: number) => Promise<number>): Promise<number> {
  let purged = 0;
  let count: number;
  do {
    count = await deleteBatch(BATCH_SIZE);
    purged += count;
  } while (count === BATCH_SIZE);
  return purged;
}
