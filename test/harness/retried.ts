/**
 * Repeats what a score made after its snapshot has undone (40001), as the batcher does. Every other error, a deadlock
 * (40P01) above all, is thrown.
 */
export async function retried<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const { code } = error as { code?: string };
      if (code !== '40001') throw error;
    }
  }
}
