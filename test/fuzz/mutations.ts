import fc from 'fast-check';

import type { Draft } from './drafts.ts';
import {
  oddBodies,
  oddCharacters,
  oddHeaders,
  oddMethods,
  oddNames,
  oddPaths,
  oddQueries,
  oddValues,
  oversizedBodies,
} from './odd-inputs.ts';

type Mutation = (draft: Draft) => Draft;

const fieldMutation = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.nat(), fc.constantFrom(...oddValues)) },
  { weight: 2, arbitrary: fc.tuple(fc.nat(), fc.jsonValue()) },
  { weight: 2, arbitrary: fc.tuple(fc.nat(), fc.constant(undefined)) },
);

const bodyMutation = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...oddBodies).map(withRaw) },
  { weight: 1, arbitrary: fc.constantFrom(...oversizedBodies).map(withRaw) },
  { weight: 1, arbitrary: fc.nat(60).map(cutOff) },
);

const headerMutation = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...oddHeaders).map(withHeaders) },
  { weight: 1, arbitrary: fc.constantFrom('Authorization', 'Content-Type').map(withoutHeader) },
);

/** One way to make a request that the document does not foresee. */
export const anyMutation: fc.Arbitrary<Mutation> = fc.oneof(
  { weight: 7, arbitrary: fieldMutation.map(([n, value]) => withField(n, () => value)) },
  { weight: 5, arbitrary: fc.tuple(fc.nat(), fc.constantFrom(...oddCharacters)).map(withCharacter) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom(...oddNames), fc.constantFrom(...oddValues))
      .map(([name, value]) => withExtraField(name, value)),
  },
  { weight: 3, arbitrary: bodyMutation },
  { weight: 5, arbitrary: headerMutation },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.nat(), fc.oneof(fc.constantFrom(...oddPaths), fc.webSegment()))
      .map(([n, part]) => withPathPart(n, part)),
  },
  { weight: 2, arbitrary: fc.oneof(fc.constantFrom(...oddQueries), fc.webQueryParameters()).map(withQuery) },
  { weight: 1, arbitrary: fc.constantFrom(...oddMethods).map(withMethod) },
);

function withField(n: number, change: (value: unknown) => unknown): Mutation {
  return (draft) => {
    const fields = Object.entries(draft.json ?? {});
    if (fields.length === 0) return draft;
    const changed = fields.map(([name, old], index) => [
      name,
      index === n % fields.length ? change(old) : old,
    ]);
    return { ...draft, json: Object.fromEntries(changed) };
  };
}

function withCharacter([n, character]: readonly [number, string]): Mutation {
  return withField(n, (value) => (typeof value === 'string' ? value + character : value));
}

function withExtraField(name: string, value: unknown): Mutation {
  return (draft) => ({
    ...draft,
    json: Object.fromEntries([...Object.entries(draft.json ?? {}), [name, value]]),
  });
}

function withPathPart(n: number, part: string): Mutation {
  return (draft) => {
    const parts = draft.path.split('/');
    return { ...draft, path: parts.with(1 + (n % (parts.length - 1)), part).join('/') };
  };
}

function withRaw(raw: string | Buffer): Mutation {
  return (draft) => ({ ...draft, raw });
}

function cutOff(length: number): Mutation {
  return (draft) => ({ ...draft, raw: JSON.stringify(draft.json ?? {}).slice(0, length) });
}

function withHeaders(headers: Draft['headers']): Mutation {
  return (draft) => ({ ...draft, headers: { ...draft.headers, ...headers } });
}

function withoutHeader(name: string): Mutation {
  return (draft) => {
    const left = Object.entries(draft.headers).filter(([present]) => present !== name);
    return { ...draft, headers: Object.fromEntries(left) };
  };
}

function withQuery(query: string): Mutation {
  return (draft) => ({ ...draft, query: query || draft.query });
}

function withMethod(method: string): Mutation {
  return (draft) => ({ ...draft, method });
}
