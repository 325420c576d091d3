import { endTurn } from '../end-of-turn.ts';

/** A request waits for one slice or two at each of its steps, each of which is an answer of a store. */
const SLICE_MS = 10;

/** Something to do with each of many items, one at a time. */
interface Job {
  /** False when there was no item left. */
  step(): boolean;
  resolve(): void;
  reject(error: unknown): void;
}

/** Of the whole process, which has one event loop: no turn of it has more than one slice, whoever the work is for. */
const jobs: Job[] = [];
let hasGivenWay = false;

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
    if (jobs.length === 1) setImmediate(takeTurn);
  });
}

/**
 * Lets go first what others wait for, which would wait for a whole slice otherwise. What that releases goes on before the
 * next turn, in which node-redis writes what it was given; so the slice leaves up to two turns in a row to them.
 */
function takeTurn(): void {
  if (!endTurn()) return workForASlice();
  setImmediate(hasGivenWay ? workForASlice : takeTurn);
  hasGivenWay = true;
}

function workForASlice(): void {
  hasGivenWay = false;
  const endsAt = performance.now() + SLICE_MS;
  let [job] = jobs;
  while (job !== undefined && performance.now() < endsAt) {
    if (isOver(job)) jobs.shift();
    [job] = jobs;
  }
  // Behind those who wait: a small board does not wait for all of a large one.
  jobs.push(...jobs.splice(0, 1));
  if (jobs.length > 0) setImmediate(takeTurn);
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
