import { type Config, readConfig } from '../../src/config.ts';

/** Fixed, so that a test may sign a token of its own. */
export const testSecrets = {
  JWT_SECRET: 'jwt-secret-of-the-tests-0123456789abcdef',
  ACTION_TOKEN_SECRET: 'action-token-secret-of-the-tests-0123456789abcdef',
  GAME_SERVICE_API_KEY: 'game-service-key-of-the-tests',
  ADMIN_API_KEY: 'operator-key-of-the-tests-0123',
};

/** Every test comes from one address; those of the limits turn them on. */
export const testDefaults = { RATE_LIMIT_ENABLED: 'false', ...testSecrets };

/** The configuration of the tests with `env` over it. */
export function testConfig(env: Readonly<Record<string, string>> = {}): Config {
  return readConfig({ LOG_LEVEL: 'silent', ...testDefaults, ...env }, () => {
    throw new Error('the tests bring every secret');
  });
}
