/**
 * What a slice wrote is finished by Node after it, in about the same time. A request waits for a slice at each of its
 * steps, each of which is an answer of a store; the longer it waits, the more share that step.
 */
const SLICE_MS = 5;

/** Something to do with each of many items, one at a time. */
interface Job {
  /** False when there was no item left. */
  step(): boolean;
  resolve(): void;
  reject(error: unknown): void;
}

/** Of the whole process, which has one event loop: each turn of it has one slice, whoever the work is for. */
const jobs: Job[] = [];

/**
 * Does something with each of many items, and lets everything else of the process go on in between. All who do so at the
 * same time take turns.
 */
export async function inSlices<Item>(items: Iterable<Item>, act: (item: Item) => void): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const step = () => {
    const next = iterator.next();
    if (next.done !== true) act(next.value);
    return next.done !== true;
  };
  await new Promise<void>((resolve, reject) => {
    jobs.push({ step, resolve, reject });
    if (jobs.length === 1) setImmediate(workForASlice);
  });
}

function workForASlice(): void {
  const endsAt = performance.now() + SLICE_MS;
  let [job] = jobs;
  while (job !== undefined && performance.now() < endsAt) {
    if (isOver(job)) jobs.shift();
    [job] = jobs;
  }
  // Behind those who wait: a small board does not wait for all of a large one.
  jobs.push(...jobs.splice(0, 1));
  if (jobs.length > 0) setImmediate(workForASlice);
}

/** Takes the next step; true when it was the last. */
function isOver(job: Job): boolean {
  try {
    if (job.step()) return false;
    job.resolve();
  } catch (error) {
    job.reject(error);
  }
  return true;
}
