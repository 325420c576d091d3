import type { FindSchemaErrors } from './answer-schemas.ts';
import type { DocumentedResponse, OpenApiDocument } from './document.ts';
import { findOperation, type OperationAt } from './operations.ts';

/** A request as it was asked, and its answer. */
export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  /** Undefined when nobody looked: a stream, or an answer that broke off. */
  readonly body: string | undefined;
}

export interface Contract {
  readonly document: OpenApiDocument;
  readonly operations: readonly OperationAt[];
  readonly findSchemaErrors: FindSchemaErrors;
}

interface Documented {
  readonly response: DocumentedResponse;
  /** Where the document keeps the schema of a body with this content type. */
  readonly pointerTo: (contentType: string) => readonly string[];
}

/** What no operation answers has the form of a problem all the same. */
const undocumented: Documented = {
  response: {
    headers: { 'X-Request-Id': { $ref: '#/components/headers/X-Request-Id' } },
    content: { 'application/problem+json': { schema: {} } },
  },
  pointerTo: () => ['components', 'schemas', 'Problem'],
};

const UNDOCUMENTED_STATUSES = new Set([404, 413]);

/** In which ways an answer is not what the document says; empty when it is. */
export function findViolations(contract: Contract, exchange: Exchange): string[] {
  if (exchange.method === 'OPTIONS')
    return exchange.status === 204 ? [] : ['a preflight is answered with 204'];
  const at = findOperation(contract.operations, exchange.method, exchange.url);
  const documented = at ? findDocumented(at, exchange.status) : undocumented;
  if (documented === undefined) return [`${at?.operation.operationId} has no status ${exchange.status}`];
  if (at === undefined && !UNDOCUMENTED_STATUSES.has(exchange.status))
    return ['no operation is documented there'];
  return [
    ...findHeaderViolations(contract, documented.response, exchange.headers),
    ...findBodyViolations(contract, documented, exchange),
  ];
}

function findDocumented({ path, method, operation }: OperationAt, status: number): Documented | undefined {
  const response = operation.responses[status];
  if (response === undefined) return undefined;
  return {
    response,
    pointerTo: (type) => ['paths', path, method, 'responses', String(status), 'content', type, 'schema'],
  };
}

function findHeaderViolations(
  { document, findSchemaErrors }: Contract,
  response: DocumentedResponse,
  headers: Headers,
) {
  return Object.entries(response.headers ?? {}).flatMap(([name, { $ref }]) => {
    const component = $ref.slice($ref.lastIndexOf('/') + 1);
    const value = headers.get(name);
    if (value !== null) {
      const errors = findSchemaErrors(['components', 'headers', component, 'schema'], value);
      return errors.map((error) => `the header ${name}: ${error}`);
    }
    return document.components.headers[component]?.required === true ? [`the header ${name} is missing`] : [];
  });
}

function findBodyViolations(
  contract: Contract,
  { response, pointerTo }: Documented,
  exchange: Exchange,
): string[] {
  const { method, headers, body } = exchange;
  const type = headers.get('Content-Type')?.split(';')[0]?.trim();
  if (response.content === undefined) return type === undefined && !body ? [] : ['there should be no body'];
  if (type === undefined || !(type in response.content))
    return [`the content type ${type} is not documented`];
  if (body === undefined || method === 'HEAD' || !/\bjson$/.test(type)) return [];
  const json = parseJson(body);
  return json === undefined ? ['the body is not JSON'] : contract.findSchemaErrors(pointerTo(type), json);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
