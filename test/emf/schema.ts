import { Ajv } from 'ajv';

/**
 * CloudWatch's embedded metric format, as its specification puts it in words: one root object; `_aws` with a time in
 * milliseconds and at least one directive; a directive with a namespace, sets of at most 30 dimensions and at most 100
 * metrics. Root members that a directive names are checked by `findFlaws`: a schema cannot follow names.
 */
const schema = {
  type: 'object',
  required: ['_aws'],
  properties: {
    _aws: {
      type: 'object',
      required: ['Timestamp', 'CloudWatchMetrics'],
      properties: {
        Timestamp: { type: 'integer', minimum: 0 },
        CloudWatchMetrics: { type: 'array', minItems: 1, items: { $ref: '#/$defs/directive' } },
      },
    },
  },
  $defs: {
    name: { type: 'string', minLength: 1, maxLength: 1024 },
    directive: {
      type: 'object',
      required: ['Namespace', 'Dimensions', 'Metrics'],
      properties: {
        Namespace: { type: 'string', minLength: 1, maxLength: 255 },
        Dimensions: {
          type: 'array',
          minItems: 1,
          items: {
            type: 'array',
            minItems: 1,
            maxItems: 30,
            items: { type: 'string', minLength: 1, maxLength: 250 },
          },
        },
        Metrics: { type: 'array', minItems: 1, maxItems: 100, items: { $ref: '#/$defs/metric' } },
      },
    },
    metric: {
      type: 'object',
      required: ['Name'],
      properties: {
        Name: { $ref: '#/$defs/name' },
        Unit: { enum: ['Count', 'Milliseconds', 'Percent', 'Bytes'] },
        StorageResolution: { enum: [1, 60] },
      },
    },
  },
};

/** What a dimension's value must be, and what a metric's. */
const dimensionValue = { type: 'string', minLength: 1, maxLength: 1024 };
const metricValue = {
  anyOf: [{ type: 'number' }, { type: 'array', minItems: 1, maxItems: 100, items: { type: 'number' } }],
};

/** Beyond it, older log drivers split a line in two. */
const MAX_LINE_BYTES = 16 * 1024;

const ajv = new Ajv({ allErrors: true });
const isEvent = ajv.compile<EmfEvent>(schema);
const isDimensionValue = ajv.compile(dimensionValue);
const isMetricValue = ajv.compile(metricValue);

interface Directive {
  readonly Namespace: string;
  readonly Dimensions: readonly (readonly string[])[];
  readonly Metrics: readonly { readonly Name: string; readonly Unit?: string }[];
}

export interface EmfEvent {
  readonly _aws: { readonly Timestamp: number; readonly CloudWatchMetrics: readonly Directive[] };
  readonly [member: string]: unknown;
}

/** What is wrong with a line; nothing when CloudWatch would read all of its metrics. */
export function findFlaws(line: string): string[] {
  if (!line.startsWith('{') || !line.endsWith('}')) return ['the line is not an object and nothing else'];
  const event: unknown = JSON.parse(line);
  if (!isEvent(event)) return [ajv.errorsText(isEvent.errors)];
  const tooLong = Buffer.byteLength(line) >= MAX_LINE_BYTES ? ['the line is too long'] : [];
  return [
    ...tooLong,
    ...event._aws.CloudWatchMetrics.flatMap((directive) => findTargetFlaws(event, directive)),
  ];
}

function findTargetFlaws(event: EmfEvent, { Dimensions, Metrics }: Directive): string[] {
  const names = Metrics.map(({ Name }) => Name);
  return [
    ...(new Set(names).size < names.length ? ['a metric is named twice'] : []),
    ...Dimensions.flat()
      .filter((name) => !isDimensionValue(event[name]))
      .map((name) => `the dimension ${name} is no text`),
    ...names.filter((name) => !isMetricValue(event[name])).map((name) => `the metric ${name} is no number`),
  ];
}

/** Every value of a metric in these events. */
export function valuesOf(events: readonly EmfEvent[], name: string): number[] {
  return events.flatMap((event) =>
    event._aws.CloudWatchMetrics.some(({ Metrics }) => Metrics.some(({ Name }) => Name === name))
      ? [event[name] as number | number[]].flat()
      : [],
  );
}

/** By nearest rank. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? Number.NaN;
}
