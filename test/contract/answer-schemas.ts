import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

import type { OpenApiDocument } from './document.ts';

/** Says what is wrong with a value that should be of the schema at a JSON pointer into the document. */
export type FindSchemaErrors = (pointer: readonly string[], value: unknown) => string[];

/**
 * Reads the schemas of a document more strictly than JSON Schema does: an object has no property but the documented ones.
 * A schema itself that is not sound throws.
 */
export function compileSchemas(document: OpenApiDocument): FindSchemaErrors {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
  addFormats.default(ajv);
  ajv.addVocabulary(Object.keys(document));
  ajv.addSchema(closeObjects(document) as object, 'openapi', undefined, false);
  return (pointer, value) => {
    const validate = ajv.getSchema(`openapi#${pointer.map(toPointerPart).join('')}`);
    if (validate === undefined) throw new Error(`the document has nothing at ${pointer.join(' / ')}`);
    if (validate(value) === true) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) =>
        `${instancePath || 'the body'} ${message} ${JSON.stringify(params)}`,
    );
  };
}

/** RFC 6901, 6: a pointer in a URI fragment is percent-encoded over its own escapes. */
function toPointerPart(part: string): string {
  return `/${encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))}`;
}

/** Members of an allOf only narrow what another one describes, so they stay open. */
function closeObjects(node: unknown, key = ''): unknown {
  if (Array.isArray(node)) return node.map((item) => closeObjects(item, key));
  if (typeof node !== 'object' || node === null) return node;
  const closed = Object.fromEntries(
    Object.entries(node).map(([name, value]) => [name, closeObjects(value, name)]),
  );
  const isOpen = closed['type'] === 'object' && 'properties' in closed && !('additionalProperties' in closed);
  return isOpen && key !== 'allOf' ? { ...closed, additionalProperties: false } : closed;
}
