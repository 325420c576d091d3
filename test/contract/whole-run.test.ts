import { describe, expect, inject, it } from 'vitest';

import { readDocument } from './document.ts';
import { toExercised } from './observer.ts';
import { listOperations } from './operations.ts';
import { readRecords } from './run-records.ts';

const runDirectory = inject('runDirectory');

describe('the whole run', () => {
  it('met no answer that the OpenAPI document does not have', () => {
    expect(readRecords(runDirectory, 'violations')).toEqual([]);
  });

  it.runIf(inject('isWholeRun'))('exercised every operation with every success that it documents', () => {
    const exercised = new Set(readRecords(runDirectory, 'exercised'));
    const promised = listOperations(readDocument(runDirectory)).flatMap(({ operation }) =>
      Object.keys(operation.responses)
        .filter((status) => Number(status) < 400)
        .map((status) => toExercised(operation.operationId, status)),
    );
    expect(promised.length).toBeGreaterThan(0);
    expect(promised.filter((record) => !exercised.has(record))).toEqual([]);
  });
});
