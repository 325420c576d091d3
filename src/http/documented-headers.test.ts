import { expect, test } from 'vitest';

import { headerComponents, toProblemHeaderReferences } from './documented-headers.ts';

const componentsOf = (...codes: Parameters<typeof toProblemHeaderReferences>[0]) =>
  Object.values(toProblemHeaderReferences(codes)).map(({ $ref }) => $ref.split('/').at(-1) ?? '');

test('the headers promise of a problem what every code of its status brings', () => {
  const components = componentsOf('unavailable');
  expect(components).toEqual(['X-Request-Id', 'Retry-After.required']);
  for (const name of components) expect(headerComponents[name]).toMatchObject({ required: true });
});

test('the headers only allow what some code of its status does not bring', () => {
  const components = componentsOf('unavailable', 'internal_error');
  expect(components).toEqual(['X-Request-Id', 'Retry-After']);
  expect(headerComponents['Retry-After']?.required).toBeUndefined();
});
