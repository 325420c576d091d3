import { expect, it } from 'vitest';

import { readSettings } from '../../infra/settings.ts';

it('makes every stage but production small', () => {
  for (const stage of ['dev', 'staging', 'production2', 'pr-12'])
    expect(readSettings(stage, {})).toMatchObject({ production: false, service: { minTasks: 1 } });
  expect(readSettings('production', {})).toMatchObject({ production: true, service: { minTasks: 2 } });
});

it('takes what is empty for what is missing', () => {
  const empty = { LAUREL_DOMAIN: '', LAUREL_REDIS: ' ', AWS_REGION: '' };
  expect(readSettings('dev', empty)).toEqual(readSettings('dev', {}));
});

it.each([
  [{ LAUREL_REDIS: 'false' }, 'LAUREL_REDIS must be on or off'],
  [{ LAUREL_REPLICA: 'yes' }, 'LAUREL_REPLICA must be on or off'],
  [
    { LAUREL_CERTIFICATE_ARN: 'arn:aws:acm:1' },
    'LAUREL_CERTIFICATE_ARN needs LAUREL_DOMAIN, the domain that it is for',
  ],
])('refuses %j', (env, message) => {
  expect(() => readSettings('dev', env)).toThrow(message);
});

it.each(['Dev', 'a stage', '-dev', 'dev_1', 'a'.repeat(21)])('refuses the stage %j', (stage) => {
  expect(() => readSettings(stage, {})).toThrow('must be a stage');
});
