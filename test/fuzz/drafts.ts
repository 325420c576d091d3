import fc from 'fast-check';

import type { DocumentedOperation, DocumentedParameter, OpenApiDocument } from '../contract/document.ts';
import { listOperations, type OperationAt } from '../contract/operations.ts';
import { testSecrets } from '../harness/test-config.ts';
import { anyRemembered, anySlot } from './memory.ts';
import { createValueSource, type Schema, type ValueSource } from './value-from-schema.ts';

/** A request before it is sent; its texts may have places for remembered values. */
export interface Draft {
  /** Whose the remembered values are. */
  readonly slot: number;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** Sent as JSON, unless `raw` takes its place. */
  readonly json?: unknown;
  readonly raw?: string | Buffer;
}

const passwords = fc.constantFrom('correct horse', 'battery staple');
const preferred: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  password: passwords,
  current_password: passwords,
  new_password: passwords,
  // Small ones, so that deltas are often allowed.
  max_score: fc.integer({ min: 1, max: 20 }),
  score_delta: fc.integer({ min: 1, max: 20 }),
};

/** Credentials by the security schemes of an operation; whoever needs none sends none. */
const bearers: Readonly<Record<string, string>> = {
  accessToken: '{{access_token}}',
  apiKey: testSecrets.GAME_SERVICE_API_KEY,
  'apiKey,accessToken': testSecrets.ADMIN_API_KEY,
};

const weights: Readonly<Record<string, number>> = {
  register: 8,
  refresh: 2,
  deleteUser: 1,
  registerAction: 14,
  submitScore: 20,
  logOut: 1,
  deleteMe: 1,
  changePassword: 2,
};

/** Requests that the document allows, most of them with what they need to succeed. */
export function anyDraft(document: OpenApiDocument): fc.Arbitrary<Draft> {
  const { schemas } = document.components;
  const remembering = createValueSource(schemas, (name) => anyRemembered(name) ?? preferred[name]);
  const inventing = createValueSource(schemas, (name) => preferred[name]);
  const drafts = listOperations(document).map((at) => ({
    weight: weightOf(at.operation),
    arbitrary: draftOf(at, at.operation.operationId === 'register' ? inventing : remembering),
  }));
  return fc.oneof(...drafts);
}

/** Accounts and scores are made more often than they are lost, and pages are only pages. */
function weightOf({ operationId, tags = [] }: DocumentedOperation): number {
  return weights[operationId] ?? (tags.includes('Service') ? 1 : 5);
}

function draftOf({ method, path, operation }: OperationAt, values: ValueSource): fc.Arbitrary<Draft> {
  return fc
    .record({
      slot: anySlot,
      inPath: parametersOf(operation, 'path', values),
      inQuery: parametersOf(operation, 'query', values),
      credentials: anyCredentials(operation),
      body: bodyOf(operation, values),
    })
    .map(({ slot, inPath, inQuery, credentials, body }) => ({
      slot,
      method: method.toUpperCase(),
      path: path.replaceAll(/\{(\w+)\}/g, (_, name: string) => inPath[name] ?? name),
      query: Object.entries(inQuery)
        .map(([name, value]) => `${name}=${value}`)
        .join('&'),
      headers: { ...credentials, ...(body !== undefined && { 'Content-Type': 'application/json' }) },
      ...(body !== undefined && { json: body }),
    }));
}

/** Required parameters always, the others sometimes. */
function parametersOf(
  { parameters = [] }: DocumentedOperation,
  place: DocumentedParameter['in'],
  values: ValueSource,
) {
  const here = parameters.filter((parameter) => parameter.in === place);
  const made = here.map(({ name, schema }) => [name, values(schema as Schema, name).map(String)] as const);
  return fc.record(Object.fromEntries(made), {
    requiredKeys: place === 'path' ? here.map(({ name }) => name) : [],
  });
}

/** Mostly those that the operation asks for, at times another caller's. */
function anyCredentials({ security = [] }: DocumentedOperation): fc.Arbitrary<{ Authorization?: string }> {
  const right = bearers[security.flatMap((requirement) => Object.keys(requirement)).join()];
  if (right === undefined) return fc.constant({});
  const others = fc.constantFrom(...Object.values(bearers), '{{api_key}}', '{{refresh_token}}');
  const bearer = fc.oneof({ weight: 9, arbitrary: fc.constant(right) }, others);
  return bearer.map((credential) => ({ Authorization: `Bearer ${credential}` }));
}

function bodyOf({ requestBody }: DocumentedOperation, values: ValueSource): fc.Arbitrary<unknown> {
  const schema = requestBody?.content['application/json']?.schema;
  return schema === undefined ? fc.constant(undefined) : values(schema);
}
