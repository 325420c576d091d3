/** A server that cannot be used at all, with where it is and why, and never its password; stops the start. */
export class DatabaseConnectionError extends Error {
  override name = 'DatabaseConnectionError';
}

/** What Node says of a host whose addresses all failed is in the errors of each. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return [...new Set(error.errors.map(reasonOf))].join(', ');
  return error instanceof Error ? error.message : String(error);
}
