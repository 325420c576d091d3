import { AppError } from '../errors.ts';

interface CapacityOptions {
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
}

/** Streams end at any time, and some clients come back at once. */
const RETRY_AFTER_SECONDS = 5;

/** Counts the streams of this process, all of them and those of each address. */
export class Capacity {
  readonly max: number;
  readonly #maxPerAddress: number;
  readonly #byAddress = new Map<string, number>();
  #taken = 0;

  constructor({ maxConnections, maxConnectionsPerAddress }: CapacityOptions) {
    this.max = maxConnections;
    this.#maxPerAddress = maxConnectionsPerAddress;
  }

  get taken(): number {
    return this.#taken;
  }

  /** For one stream, which gives it back when it ends. Throws stream_capacity_reached. */
  take(address: string): void {
    if (this.#taken >= this.max) throw capacityReached('this process serves as many streams as it may');
    if (this.#of(address) >= this.#maxPerAddress)
      throw capacityReached('as many streams as one address may have are open');
    this.#taken += 1;
    this.#byAddress.set(address, this.#of(address) + 1);
  }

  giveBack(address: string): void {
    this.#taken -= 1;
    const left = this.#of(address) - 1;
    if (left > 0) this.#byAddress.set(address, left);
    else this.#byAddress.delete(address);
  }

  #of(address: string): number {
    return this.#byAddress.get(address) ?? 0;
  }
}

function capacityReached(message: string): AppError {
  return new AppError('stream_capacity_reached', message, { retryAfterSeconds: RETRY_AFTER_SECONDS });
}
