import { setImmediate } from 'node:timers/promises';

/** Far below what anybody notices; what a slice wrote is finished by Node after it, in about the same time. */
const SLICE_MS = 10;

/** Does something with each of many items, and lets everything else of the process go on in between. */
export async function inSlices<Item>(items: Iterable<Item>, act: (item: Item) => void): Promise<void> {
  let endsAt = performance.now() + SLICE_MS;
  for (const item of items) {
    act(item);
    if (performance.now() < endsAt) continue;
    await setImmediate();
    endsAt = performance.now() + SLICE_MS;
  }
}
