import { resolver } from 'hono-openapi';
import { z } from 'zod';

import type { ErrorCode } from '../errors.ts';
import {
  type DocumentedHeader,
  toHeaderReferences,
  toProblemHeaderReferences,
} from './documented-headers.ts';
import { Problem, statusOf } from './problem.ts';

export interface Answer {
  readonly description: string;
  /** Of a JSON body. */
  readonly schema?: z.ZodType;
  /** Of a body that is not JSON. */
  readonly contentTypes?: readonly string[];
  readonly headers?: readonly DocumentedHeader[];
}

/** For `components.schemas` of the document; the responses of every operation refer to it. */
export const problemSchema = toObjectSchema(Problem);

/** An answer of an operation; it has no body unless it names one. */
export function toResponse({ description, schema, contentTypes = [], headers = [] }: Answer) {
  const texts = contentTypes.map((type) => [type, { schema: { type: 'string' as const } }] as const);
  const json = schema ? [['application/json', { schema: resolver(schema) }] as const] : [];
  const content = Object.fromEntries([...json, ...texts]);
  return {
    description,
    headers: toHeaderReferences(headers),
    ...(Object.keys(content).length > 0 && { content }),
  };
}

/** A response for each status of `codes`, which allows the codes of that status and no other. */
export function toProblemResponses(codes: readonly ErrorCode[]) {
  const statuses = [...new Set(codes.map((code) => statusOf[code]))].toSorted((a, b) => a - b);
  return Object.fromEntries(statuses.map((status) => [status, toProblemResponse(status, codes)]));
}

function toProblemResponse(status: number, codes: readonly ErrorCode[]) {
  const possible = codes.filter((code) => statusOf[code] === status);
  const narrowed = {
    type: 'object' as const,
    properties: { status: { const: status }, code: { enum: possible } },
  };
  return {
    description: possible.join(', '),
    headers: toProblemHeaderReferences(possible),
    content: {
      'application/problem+json': { schema: { allOf: [{ $ref: '#/components/schemas/Problem' }, narrowed] } },
    },
  };
}

function toObjectSchema(schema: z.ZodObject) {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest as { type: 'object' };
}
