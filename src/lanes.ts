import { atEndOfTurn } from './end-of-turn.ts';

interface LanesOptions {
  /** How many calls may be under way at once. */
  readonly max: number;
  /** How much one call can take. */
  readonly full: number;
  /** Begins calls with what waits, while one may begin. */
  readonly dispatch: () => void;
}

/** A call that has taken this long holds up those who wait for it to end. */
export const SLOW_MS = 20;

/**
 * Decides when calls begin that each take many of those who wait. The fewer calls there are, the less each of those
 * costs: all who come in one turn of the event loop share a call, and so do all who come while one is under way. Only
 * a full call, or one beside slow ones, begins before the last has ended.
 */
export class Lanes {
  readonly #options: LanesOptions;
  /** When the calls that are under way began, by the clock of `performance.now()`, the latest last. */
  readonly #beganAt: number[] = [];
  #isDue = false;
  #whenSlow: NodeJS.Timeout | undefined;

  constructor(options: LanesOptions) {
    this.#options = options;
  }

  get isIdle(): boolean {
    return this.#beganAt.length === 0;
  }

  /** Has everything dispatched that waits at the end of this turn. */
  dispatchSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    atEndOfTurn(() => {
      this.#isDue = false;
      this.#options.dispatch();
    });
  }

  /** Tells whether a call may begin with some of those who wait; if not, `dispatch` is called when one may. */
  mayBegin(waiting: number): boolean {
    const { max, full } = this.#options;
    const latest = this.#beganAt.at(-1);
    if (waiting === 0) return false;
    if (latest === undefined) return true;
    if (this.#beganAt.length >= max) return false;
    const slowInMs = latest + SLOW_MS - performance.now();
    if (waiting >= full || slowInMs <= 0) return true;
    this.#dispatchIn(slowInMs);
    return false;
  }

  /** Runs a call that never rejects. */
  run(call: () => Promise<void>): void {
    const beganAt = performance.now();
    this.#beganAt.push(beganAt);
    clearTimeout(this.#whenSlow);
    this.#whenSlow = undefined;
    void call().finally(() => {
      this.#beganAt.splice(this.#beganAt.indexOf(beganAt), 1);
      this.#options.dispatch();
    });
  }

  #dispatchIn(ms: number): void {
    this.#whenSlow ??= setTimeout(() => {
      this.#whenSlow = undefined;
      this.#options.dispatch();
    }, ms);
  }
}
