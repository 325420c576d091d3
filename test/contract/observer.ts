import { compileSchemas } from './answer-schemas.ts';
import { type OpenApiDocument, readDocument } from './document.ts';
import { type Contract, type Exchange, findViolations } from './find-violations.ts';
import { findOperation, listOperations } from './operations.ts';
import { addRecord } from './run-records.ts';

/** Throws when an answer is not what the document says. */
export type Observer = (exchange: Exchange) => void;

export function createContract(document: OpenApiDocument): Contract {
  return { document, operations: listOperations(document), findSchemaErrors: compileSchemas(document) };
}

/** Checks answers, and records them for the end of the run: a test may catch what is thrown here. */
export function createObserver(runDirectory: string): Observer {
  const contract = createContract(readDocument(runDirectory));
  const exercised = new Set<string>();
  return (exchange) => {
    const violations = findViolations(contract, exchange);
    if (violations.length > 0) {
      const message = toMessage(exchange, violations);
      addRecord(runDirectory, 'violations', message);
      throw new Error(message);
    }
    const at = findOperation(contract.operations, exchange.method, exchange.url);
    const record = toExercised(at?.operation.operationId, exchange.status);
    if (exercised.has(record)) return;
    exercised.add(record);
    addRecord(runDirectory, 'exercised', record);
  };
}

export function toExercised(operationId: string | undefined, status: number | string): string {
  return `${operationId ?? 'nothing'} ${status}`;
}

function toMessage({ method, url, status, body }: Exchange, violations: readonly string[]): string {
  return [
    `${method} ${url} answered ${status}, which is not what the OpenAPI document says:`,
    ...violations.map((violation) => `- ${violation}`),
    body?.slice(0, 1000) ?? '',
  ].join('\n');
}
