const PREFIX = 'LAUREL_SERVICE_';

/** What may be chosen for the service. No secret, which a task definition would show, and nothing that follows from the stage. */
export const serviceVariables: readonly string[] = [
  'ACTION_TOKEN_TTL_SECONDS',
  'AUTH_AUDIENCE',
  'AUTH_ISSUER',
  'AUTH_JWKS_URL',
  'BROADCAST_INTERVAL_MS',
  'CONSUMED_ACTION_RETENTION_SECONDS',
  'CORS_ORIGINS',
  'LOG_LEVEL',
  'RATE_LIMIT_AUTH_PER_MINUTE',
  'RATE_LIMIT_READS_PER_MINUTE',
  'RATE_LIMIT_SCORES_PER_MINUTE',
  'REBUILD_HOUR_UTC',
  'SSE_MAX_CONNECTIONS_PER_ADDRESS',
];

/** The service's variables that a deployment has behind `LAUREL_SERVICE_`. Throws an Error that names one that is not for choice. */
export function readServiceVariables(
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const chosen = Object.entries(env).flatMap(([name, value = '']) =>
    name.startsWith(PREFIX) && value.trim() !== ''
      ? [[name.slice(PREFIX.length), value.trim()] as const]
      : [],
  );
  for (const [name] of chosen) {
    if (!serviceVariables.includes(name))
      throw new Error(
        `${PREFIX}${name} cannot be chosen: behind ${PREFIX} can be ${serviceVariables.join(', ')}`,
      );
  }
  return Object.fromEntries(chosen);
}
