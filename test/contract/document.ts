import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface DocumentedHeader {
  readonly required?: boolean;
  readonly schema: object;
}

export interface DocumentedResponse {
  readonly headers?: Readonly<Record<string, { readonly $ref: string }>>;
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
}

export interface DocumentedParameter {
  readonly in: 'path' | 'query';
  readonly name: string;
  readonly schema: object;
}

export interface DocumentedOperation {
  readonly operationId: string;
  readonly tags?: readonly string[];
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly DocumentedParameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> };
  readonly responses: Readonly<Record<string, DocumentedResponse>>;
}

/** What the tests read of an OpenAPI 3.1 document. */
export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>;
  readonly components: {
    readonly headers: Readonly<Record<string, DocumentedHeader>>;
    readonly schemas: Readonly<Record<string, object>>;
  };
}

/** The document that global-setup.ts wrote for the run. */
export function readDocument(runDirectory: string): OpenApiDocument {
  return JSON.parse(readFileSync(pathIn(runDirectory), 'utf8')) as OpenApiDocument;
}

export function writeDocument(runDirectory: string, document: OpenApiDocument): void {
  writeFileSync(pathIn(runDirectory), JSON.stringify(document));
}

function pathIn(runDirectory: string): string {
  return join(runDirectory, 'openapi.json');
}
