import { isObserved, observe } from './observe.ts';
import { toObservedFetch } from './observed-fetch.ts';

globalThis.fetch = toObservedFetch(globalThis.fetch, isObserved, observe);
