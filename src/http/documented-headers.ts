import type { ErrorCode } from '../errors.ts';
import { quotaHeaders } from './quota-headers.ts';

interface Header {
  readonly description: string;
  readonly required?: boolean;
  readonly schema: { type: 'string'; enum?: string[]; pattern?: string };
}

const WHOLE = String.raw`^\d+$`;

/** The headers that the document names. A required one is in every answer that it is documented for. */
const documentedHeaders = {
  'X-Request-Id': {
    description: "The caller's own, or a new one when that is missing or not sane",
    required: true,
    schema: { type: 'string' },
  },
  ETag: { description: 'A hash of the body, for If-None-Match', required: true, schema: { type: 'string' } },
  'X-Leaderboard-Source': {
    description: 'Where the answer was read',
    required: true,
    schema: { type: 'string', enum: ['redis', 'postgres'] },
  },
  'Idempotent-Replayed': {
    description: 'Present when the action was spent before and this is its first verdict',
    schema: { type: 'string', enum: ['true'] },
  },
  'WWW-Authenticate': {
    description: 'How to authenticate (RFC 9110, 11.6.1)',
    required: true,
    schema: { type: 'string' },
  },
  'RateLimit-Limit': {
    description: 'Requests that the tightest limit of this route allows',
    schema: { type: 'string', pattern: WHOLE },
  },
  'RateLimit-Remaining': {
    description: 'How many of them are left',
    schema: { type: 'string', pattern: WHOLE },
  },
  'RateLimit-Reset': {
    description: 'Seconds until more are left',
    schema: { type: 'string', pattern: WHOLE },
  },
  'RateLimit-Policy': {
    description: '`limit;w=seconds`: so many in any so many seconds',
    schema: { type: 'string', pattern: String.raw`^\d+;w=\d+$` },
  },
  'Retry-After': {
    description: 'Seconds to wait before the same request may succeed',
    schema: { type: 'string', pattern: WHOLE },
  },
} satisfies Record<string, Header>;

export type DocumentedHeader = keyof typeof documentedHeaders;

const challenge: readonly DocumentedHeader[] = ['WWW-Authenticate'];

/** What every problem of a code carries, beyond what every answer does. */
const headersOfProblem: Readonly<Partial<Record<ErrorCode, readonly DocumentedHeader[]>>> = {
  unauthenticated: challenge,
  invalid_credentials: challenge,
  refresh_token_reused: challenge,
  rate_limited: ['Retry-After', ...quotaHeaders],
  unavailable: ['Retry-After'],
  stream_capacity_reached: ['Retry-After'],
};

/** A header that some answers may lack is another component where it is promised. */
const toPromised = (name: DocumentedHeader) => `${name}.required`;

/** For `components.headers` of the document. */
export const headerComponents: Readonly<Record<string, Header>> = {
  ...documentedHeaders,
  ...Object.fromEntries(
    Object.values(headersOfProblem)
      .flat()
      .map((name) => [toPromised(name), { ...documentedHeaders[name], required: true }]),
  ),
};

type HeaderReferences = Record<string, { $ref: string }>;

/** The headers of one answer: those that every answer has, and `names`. */
export function toHeaderReferences(names: readonly DocumentedHeader[]): HeaderReferences {
  return refer(['X-Request-Id', ...names], (name) => name);
}

/** The headers of a problem with one of `codes`: it may carry those of each, and carries those of all. */
export function toProblemHeaderReferences(codes: readonly ErrorCode[]): HeaderReferences {
  const ofEach = codes.map((code) => headersOfProblem[code] ?? []);
  const isPromised = (name: DocumentedHeader) => ofEach.every((names) => names.includes(name));
  return {
    ...toHeaderReferences([]),
    ...refer(ofEach.flat(), (name) => (isPromised(name) ? toPromised(name) : name)),
  };
}

function refer(
  names: readonly DocumentedHeader[],
  toComponent: (name: DocumentedHeader) => string,
): HeaderReferences {
  return Object.fromEntries(
    names.map((name) => [name, { $ref: `#/components/headers/${toComponent(name)}` }]),
  );
}
