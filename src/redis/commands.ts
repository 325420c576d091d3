import { Redis } from '@upstash/redis';

import type { Deadline } from './deadline.ts';
import { RedisRefused } from './errors.ts';
import type { Link } from './link.ts';
import type { Script } from './script.ts';
import type { Request } from './transport.ts';

export interface ScriptRunner {
  /** Runs a script by its hash, and by its text where the server does not know it. */
  run(script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown>;
}

export interface RedisCalls extends ScriptRunner {
  /**
   * Every command of @upstash/redis, on both transports. Replies are what RESP 2 says, never parsed: integers are
   * numbers, exact up to 2^53 - 1, everything else is text, also what looks like a number or like JSON, and maps are flat
   * lists, whatever the declared types promise. A pipeline or transaction rejects as a whole with its first error.
   */
  readonly commands: Redis;
}

/** The constructor that takes a requester takes no options. */
class Commands extends Redis {
  constructor(request: (request: Request) => Promise<never>) {
    super({ request });
    this.opts = { automaticDeserialization: false };
  }
}

const lists = new Set(['pipeline', 'multi-exec']);

/** Calls that all have the same deadline. */
export function createCalls(link: Link, deadline: Deadline): RedisCalls {
  const ask = async (command: readonly (string | number)[]) => {
    const { result } = (await link.send({ body: command }, deadline)) as { result: unknown };
    return result;
  };
  let commands: Commands | undefined;
  return {
    get commands() {
      commands ??= new Commands(async (request) => {
        if (request.path !== undefined && !lists.has(request.path[0] ?? '')) {
          throw new Error('subscribe with the client, not with its commands');
        }
        return (await link.send(request, deadline)) as never;
      });
      return commands;
    },
    run: async (script, keys, args) => {
      const rest = [keys.length, ...keys, ...args];
      try {
        return await ask(['EVALSHA', script.sha1, ...rest]);
      } catch (error) {
        if (!(error instanceof RedisRefused && error.code === 'NOSCRIPT')) throw error;
        return await ask(['EVAL', script.text, ...rest]);
      }
    },
  };
}
