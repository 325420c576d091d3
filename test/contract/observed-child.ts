import { createObserver } from './observer.ts';
import { toObservedFetch } from './observed-fetch.ts';

// Loaded by --import into a client that is a process of its own.
const observe = createObserver(process.env['TEST_RUN_DIRECTORY'] ?? '');
globalThis.fetch = toObservedFetch(globalThis.fetch, () => true, observe);
