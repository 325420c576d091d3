interface LanesOptions {
  /** How many calls may be under way at once. */
  readonly max: number;
  /** How much one call can take. */
  readonly full: number;
  /** Begins calls with what waits, while a lane is open. */
  readonly dispatch: () => void;
}

/** A call that has taken this long holds up those who wait for it to end. */
export const SLOW_MS = 50;

/**
 * Decides when calls begin that each take many of those who wait. The fewer calls there are, the less each of those
 * costs: all who come in one turn of the event loop share a call, and so do all who come while it is under way. Only
 * a full call, or one beside a slow one, begins before the last has ended. Who comes alone waits for the end of the turn.
 */
export class Lanes {
  readonly #options: LanesOptions;
  #underWay = 0;
  /** When the latest call began, by the clock of `performance.now()`. */
  #beganAt = 0;
  #isDue = false;
  #whenSlow: NodeJS.Timeout | undefined;

  constructor(options: LanesOptions) {
    this.#options = options;
  }

  get isIdle(): boolean {
    return this.#underWay === 0;
  }

  /** Has everything dispatched that waits at the end of this turn. */
  dispatchSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      this.#options.dispatch();
    });
  }

  /** Whether a call may begin with some of those who wait; when not, it is asked again by `dispatch` in time. */
  isOpen(waiting: number): boolean {
    const { max, full, dispatch } = this.#options;
    if (waiting === 0) return false;
    if (this.#underWay === 0) return true;
    if (this.#underWay >= max) return false;
    const slowInMs = this.#beganAt + SLOW_MS - performance.now();
    if (waiting >= full || slowInMs <= 0) return true;
    this.#whenSlow ??= setTimeout(() => {
      this.#whenSlow = undefined;
      dispatch();
    }, slowInMs);
    return false;
  }

  /** Runs a call that never rejects. */
  run(call: () => Promise<void>): void {
    this.#underWay += 1;
    this.#beganAt = performance.now();
    clearTimeout(this.#whenSlow);
    this.#whenSlow = undefined;
    void call().finally(() => {
      this.#underWay -= 1;
      this.#options.dispatch();
    });
  }
}
