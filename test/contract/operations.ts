import { getPath } from 'hono/utils/url';

import type { DocumentedOperation, OpenApiDocument } from './document.ts';

export interface OperationAt {
  /** As the document writes it, as in `/v1/leaderboards/{leaderboard_id}`. */
  readonly path: string;
  /** In lower case, as the document writes it. */
  readonly method: string;
  readonly operation: DocumentedOperation;
}

/** Every operation of the document. */
export function listOperations({ paths }: OpenApiDocument): OperationAt[] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ path, method, operation })),
  );
}

/** The operation that a request reaches; a path that is written out goes before one with parameters. */
export function findOperation(
  operations: readonly OperationAt[],
  method: string,
  url: string,
): OperationAt | undefined {
  const path = toRoutedPath(url);
  const asked = method === 'HEAD' ? 'get' : method.toLowerCase();
  const matching = operations.filter((at) => at.method === asked && toPattern(at.path).test(path));
  return matching.find((at) => at.path === path) ?? matching[0];
}

/** The path as the router sees it: without dot segments, and decoded as far as that is possible. */
function toRoutedPath(url: string): string {
  return getPath({ url: new URL(url, 'http://localhost').href } as Request);
}

function toPattern(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('.', '[.]').replaceAll(/\{\w+\}/g, '[^/]+')}$`);
}
