import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

import type { HttpBindings } from '@hono/node-server';
import { createFactory } from 'hono/factory';

import type { Logger } from '../telemetry/log.ts';

/** Writes an answer by itself, given the headers that it is to have. It runs when nothing holds on to the request. */
export type AnswerRaw = (outgoing: ServerResponse, headers: OutgoingHttpHeaders) => void;

/**
 * A plain object, which Node's response takes as it is: filling and reading a `Headers` costs more than everything else
 * about a small answer.
 */
export type AnswerHeaders = Record<string, string>;

/** What every request carries. Bindings are missing when a test calls `app.request()`. */
export interface AppEnv {
  Variables: {
    requestId: string;
    log: Logger;
    /** Of whatever will be answered: see answer.ts. */
    answerHeaders: AnswerHeaders;
    /** Set by a handler that writes to Node's response itself: see raw-answers.ts. */
    answerRaw?: AnswerRaw;
  };
  Bindings: Partial<HttpBindings>;
}

export const factory = createFactory<AppEnv>();
