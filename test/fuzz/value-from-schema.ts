import fc from 'fast-check';

/** The keywords of JSON Schema that the parameters and bodies of the document use. */
export interface Schema {
  readonly $ref?: string;
  readonly anyOf?: readonly Schema[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly type?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

/** Values that the schema allows, nearly: what a property is called may say more than its schema. */
export type ValueSource = (schema: Schema, name?: string) => fc.Arbitrary<unknown>;

const lookUp: ValueSource = (schema) => {
  throw new Error(`no values can be made for ${JSON.stringify(schema)}`);
};

/** Makes values; `preferred` answers for the names that it knows, and undefined for the others. */
export function createValueSource(
  components: Readonly<Record<string, object>>,
  preferred: (name: string) => fc.Arbitrary<unknown> | undefined,
): ValueSource {
  const source: ValueSource = (schema, name = '') => {
    const made = preferred(name);
    const allowed = fromSchema(schema);
    return made === undefined ? allowed : fc.oneof({ weight: 8, arbitrary: made }, allowed);
  };
  const fromSchema = (schema: Schema): fc.Arbitrary<unknown> => {
    if (schema.$ref !== undefined)
      return fromSchema(components[schema.$ref.split('/').at(-1) ?? ''] as Schema);
    if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map(fromSchema));
    if (schema.const !== undefined) return fc.constant(schema.const);
    if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
    return (byType[schema.type ?? ''] ?? lookUp)(schema);
  };
  const byType: Readonly<Record<string, ValueSource>> = {
    string: toText,
    integer: ({ minimum = 0, maximum = Number.MAX_SAFE_INTEGER }) =>
      fc.oneof(
        fc.integer({ min: minimum, max: Math.min(maximum, minimum + 100) }),
        fc.integer({ min: minimum, max: maximum }),
      ),
    object: ({ properties = {}, required = [] }) =>
      fc.record(
        Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, source(schema, name)])),
        { requiredKeys: [...required] },
      ),
  };
  return source;
}

function toText({ format, pattern, minLength = 0, maxLength = 200 }: Schema): fc.Arbitrary<string> {
  if (format === 'uuid') return fc.uuid();
  // What a Unicode property allows is not derived: most text will do.
  const isPlain = pattern !== undefined && !/\\p/i.test(pattern);
  const text = isPlain
    ? fc.stringMatching(new RegExp(pattern))
    : fc.string({ unit: 'grapheme', minLength, maxLength });
  return text.map((made) => made.slice(0, maxLength).padEnd(minLength, 'a'));
}
