import { expect, it } from 'vitest';

import { serviceVariables } from '../../infra/service-variables.ts';
import { readSettings } from '../../infra/settings.ts';
import { variableNames } from '../../src/environment.ts';

it('makes every stage but production small', () => {
  for (const stage of ['dev', 'staging', 'production2', 'pr-12'])
    expect(readSettings(stage, {})).toMatchObject({ production: false, service: { minTasks: 1 } });
  expect(readSettings('production', {})).toMatchObject({ production: true, service: { minTasks: 2 } });
});

it('takes what is empty for what is missing', () => {
  const empty = { LAUREL_DOMAIN: '', LAUREL_REDIS: ' ', AWS_REGION: '' };
  expect(readSettings('dev', empty)).toEqual(readSettings('dev', {}));
});

it('hands on what is chosen for the service', () => {
  const env = {
    LAUREL_SERVICE_BROADCAST_INTERVAL_MS: ' 250 ',
    LAUREL_SERVICE_LOG_LEVEL: '',
    LOG_LEVEL: 'trace',
  };
  expect(readSettings('dev', env).serviceVariables).toEqual({ BROADCAST_INTERVAL_MS: '250' });
});

it('lets nothing be chosen that the service does not read, or that is a secret', () => {
  for (const name of serviceVariables) {
    expect(variableNames).toContain(name);
    expect(name).not.toMatch(/SECRET|API_KEY|_URL$(?<!AUTH_JWKS_URL)|REST_TOKEN/);
  }
});

it.each([
  [{ LAUREL_SERVICE_JWT_SECRET: 'a secret' }, 'LAUREL_SERVICE_JWT_SECRET cannot be chosen'],
  [{ LAUREL_SERVICE_PORT: '80' }, 'LAUREL_SERVICE_PORT cannot be chosen'],
  [{ LAUREL_SERVICE_RATE_LIMIT: '80' }, 'LAUREL_SERVICE_RATE_LIMIT cannot be chosen'],
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
