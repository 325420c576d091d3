import type { Socket } from 'node:net';

/** One event in the bytes that every connection is sent. */
export interface StreamEvent {
  readonly version: number;
  readonly bytes: Buffer;
}

/**
 * One client's stream, on a socket whose answer has no other end than the connection's.
 *   open → behind   when something is to be sent and what was sent before still waits for the client
 *   behind → open   when all of that has left, and it has the newest event
 *   any → ended     with its socket
 * Nothing is queued for a client: one that is behind skips to the newest event.
 */
export class Session {
  readonly #socket: Socket;
  #version = 0;
  /** By the clock of `performance.now()`; 0 while the client keeps up. */
  #behindSince = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Sends an event unless the client has it, or is behind. */
  show({ version, bytes }: StreamEvent): void {
    if (version > this.#version && this.#send(bytes)) this.#version = version;
  }

  /** Sends what is worth nothing to a client that is behind: only the newest event ends that. */
  keepAlive(bytes: Buffer): void {
    if (!this.isBehind) this.#send(bytes);
  }

  /** Gives a client that was behind the newest event; tells whether it has been behind for longer than `deadlineMs`. */
  catchUp(newest: StreamEvent, deadlineMs: number): boolean {
    if (!this.isBehind) return false;
    if (newest.version > this.#version) this.show(newest);
    else if (this.#socket.writableLength === 0) this.#behindSince = 0;
    return this.isBehind && performance.now() - this.#behindSince > deadlineMs;
  }

  get isBehind(): boolean {
    return this.#behindSince !== 0;
  }

  /** Sends a last event and ends the connection; at once when the client would not read it. */
  end(bytes: Buffer): void {
    if (this.#send(bytes)) this.#socket.destroySoon();
    else this.#socket.destroy();
  }

  cut(): void {
    this.#socket.destroy();
  }

  /** False when the socket has not taken what it was given before. */
  #send(bytes: Buffer): boolean {
    if (this.#socket.writableLength > 0) {
      if (this.#behindSince === 0) this.#behindSince = performance.now();
      return false;
    }
    this.#behindSince = 0;
    this.#socket.write(bytes);
    return true;
  }
}
