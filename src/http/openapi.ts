import type { Hono, MiddlewareHandler } from 'hono';
import { describeRoute, openAPIRouteHandler } from 'hono-openapi';
import { z } from 'zod';

import type { ErrorCode } from '../errors.ts';
import { headerComponents } from './documented-headers.ts';
import { type Answer, problemSchema, toProblemResponses, toResponse } from './documented-responses.ts';
import { type AppEnv, factory } from './factory.ts';
import { quotaHeaders } from './quota-headers.ts';

/** Who may call, with the security requirements that say so. */
const securityOf = {
  anyone: [],
  'anyone or player': [{}, { accessToken: [] }],
  player: [{ accessToken: [] }],
  'game service': [{ apiKey: [] }],
  operator: [{ apiKey: [] }, { accessToken: [] }],
};

interface Operation {
  readonly id: string;
  readonly tag: string;
  readonly summary: string;
  readonly caller: keyof typeof securityOf;
  /** Its answers that are no problem details. */
  readonly success: Readonly<Record<number, Answer>>;
  /** Beyond those that every operation, every caller and every body brings. */
  readonly errors?: readonly ErrorCode[];
  readonly body?: boolean;
  /** Some rate limit is in its chain. */
  readonly limited?: boolean;
}

/** Describes an operation in the OpenAPI document; it changes nothing about the request. */
export function operation(spec: Operation): MiddlewareHandler {
  return describe(spec, [...allErrors(spec), 'unavailable']);
}

/** Describes an operation that anyone may call and that no missing store makes unavailable. */
export function pageOperation(
  page: Pick<Operation, 'id' | 'summary' | 'success' | 'errors' | 'limited'>,
): MiddlewareHandler {
  const spec: Operation = { tag: 'Service', caller: 'anyone', ...page };
  return describe(spec, allErrors(spec));
}

function describe(spec: Operation, errors: readonly ErrorCode[]) {
  const { id, tag, summary, caller, success, limited = false } = spec;
  const quota = limited ? quotaHeaders : [];
  const answers = Object.entries(success).map(
    ([status, { headers = [], ...answer }]) =>
      [status, toResponse({ ...answer, headers: [...headers, ...quota] })] as const,
  );
  return describeRoute({
    operationId: id,
    tags: [tag],
    summary,
    description: `Caller: ${caller}.`,
    security: [...securityOf[caller]],
    responses: { ...toProblemResponses(errors), ...Object.fromEntries(answers) },
  });
}

function allErrors({ caller, errors = [], body = false, limited = false }: Operation): ErrorCode[] {
  const ofCaller: ErrorCode[] = caller === 'anyone' ? [] : ['unauthenticated', 'forbidden'];
  const ofBody: ErrorCode[] = body ? ['invalid_request', 'body_too_large', 'unsupported_media_type'] : [];
  const ofLimit: ErrorCode[] = limited ? ['rate_limited'] : [];
  return [...new Set<ErrorCode>([...errors, ...ofCaller, ...ofBody, ...ofLimit, 'internal_error'])];
}

/** Any OpenAPI document: only the version is looked at. */
const OpenApiDocument = z.looseObject({ openapi: z.string().regex(/^3[.]1[.]/) });

/** Serves the OpenAPI 3.1 document of every route that the app has when it is first asked for. */
export function openApiHandlers(app: Hono<AppEnv>) {
  return factory.createHandlers(
    pageOperation({
      id: 'getOpenApiDocument',
      summary: 'Read this document',
      success: { 200: { description: 'The document', schema: OpenApiDocument } },
    }),
    openAPIRouteHandler(app, {
      defaultValidationErrorResponse: false,
      excludeStaticFile: false,
      documentation,
    }),
  );
}

const documentation = {
  info: {
    title: 'Laurel',
    version: '1',
    description: 'A real-time leaderboard service whose scores come only from verified actions.',
    license: { name: 'MIT', identifier: 'MIT' },
  },
  components: {
    headers: headerComponents,
    schemas: { Problem: problemSchema },
    securitySchemes: {
      accessToken: {
        type: 'http' as const,
        scheme: 'bearer',
        bearerFormat: 'JWT',
        description: "A player's access token",
      },
      apiKey: {
        type: 'http' as const,
        scheme: 'bearer',
        description: 'An API key of a game service or an operator',
      },
    },
  },
};
