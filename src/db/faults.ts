/**
 * SQLSTATE classes and codes after which the same request may succeed: connection exceptions (08), transaction
 * rollback (40), insufficient resources (53), operator intervention (57P), a statement or lock timeout (57014, 55P03)
 * and a server that only reads since a failover (25006). PostgreSQL manual, appendix A.
 */
const TRANSIENT_SQLSTATE = /^(08...|25006|40...|53...|57P..|57014|55P03)$/;

const SOCKET_ERRORS = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** What pg throws without a code: a full pool, a connection that ended in the middle, a silent server. */
const DRIVER_MESSAGES =
  /^(timeout exceeded when trying to connect|Connection terminated|Query read timeout|Client has encountered a connection error)/;

const SILENT_SERVER = 'Query read timeout';

/** The SQLSTATE of a failed statement, wherever the query builder wrapped it; undefined when it never ran. */
export function sqlState(error: unknown): string | undefined {
  for (const link of causes(error)) {
    const code = (link as { code?: unknown }).code;
    if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)) return code;
  }
  return undefined;
}

/** Whether the database could not serve this request though a later one may succeed: down, restarting, full, slow. */
export function isDatabaseUnavailable(error: unknown): boolean {
  return causes(error).some((link) => {
    const { code, message, syscall } = link as { code?: unknown; message?: unknown; syscall?: unknown };
    // A Unix socket whose server is down; any other missing file is a fault of ours.
    if (code === 'ENOENT' && syscall === 'connect') return true;
    if (typeof code === 'string' && (TRANSIENT_SQLSTATE.test(code) || SOCKET_ERRORS.has(code))) return true;
    return typeof message === 'string' && DRIVER_MESSAGES.test(message);
  });
}

/** Whether a statement ended because nothing came back at all, not even the server's own timeout. */
export function isSilence(error: unknown): boolean {
  return causes(error).some((link) => (link as { message?: unknown }).message === SILENT_SERVER);
}

function causes(error: unknown): object[] {
  const chain: object[] = [];
  let link: unknown = error;
  while (typeof link === 'object' && link !== null && chain.length < 8) {
    chain.push(link);
    link = (link as { cause?: unknown }).cause;
  }
  return chain;
}
