import type { MiddlewareHandler, ValidationTargets } from 'hono';
import { validator } from 'hono-openapi';
import type { z } from 'zod';

import { AppError, type FieldProblem } from '../errors.ts';

type Issues = readonly { readonly message: string; readonly path?: readonly unknown[] | undefined }[];

/**
 * Parses one part of a request with a schema, which the OpenAPI document shows too.
 * Throws invalid_request with one entry for each problem, and unsupported_media_type for a body that is not JSON.
 */
export function validate<Target extends keyof ValidationTargets, Schema extends z.ZodType>(
  target: Target,
  schema: Schema,
) {
  const middleware = validator(target, schema, (result) => {
    if (!result.success) throw toInvalidRequest(target, result.error);
  });
  return target === 'json' ? requiringJson(middleware) : middleware;
}

/** As validate('json'), but a request without a body, or with an empty one, is one with an empty object. */
export function validateOptionalJson<Schema extends z.ZodType<object>>(schema: Schema) {
  const required = validate('json', schema);
  const either: MiddlewareHandler = async (c, next) => {
    if ((await c.req.text()) !== '') return await required(c, next);
    c.req.addValidatedData('json', schema.parse({}));
    return await next();
  };
  return Object.assign(either as typeof required, required);
}

/** The OpenAPI generator finds a validator by the properties it left on the function, so they come along. */
function requiringJson<Middleware extends MiddlewareHandler>(middleware: Middleware): Middleware {
  const guarded: MiddlewareHandler = async (c, next) => {
    if (!/^application\/json\s*(;|$)/i.test(c.req.header('Content-Type') ?? '')) {
      throw new AppError('unsupported_media_type', 'Content-Type must be application/json');
    }
    return await middleware(c, next);
  };
  return Object.assign(guarded as Middleware, middleware);
}

function toInvalidRequest(target: string, issues: Issues): AppError {
  const details = issues.map((issue) => toFieldProblem(target, issue));
  const first = details[0] ?? { path: target, message: 'is not valid' };
  return new AppError('invalid_request', `${first.path}: ${first.message}`, { details });
}

function toFieldProblem(target: string, { path = [], message }: Issues[number]): FieldProblem {
  const keys = path.map((part) =>
    typeof part === 'object' && part !== null && 'key' in part ? part.key : part,
  );
  return { path: keys.map(String).join('.') || (target === 'json' ? 'body' : target), message };
}
