import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

interface Asset {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The files that a page loads. */
export interface Assets {
  /** Changes with the content of any of them, and is part of every path, so that none is ever stale. */
  readonly version: string;
  /** Names relative to the folder of the version, as in `client/main.js`. */
  readonly names: readonly string[];
  find(name: string): Asset | undefined;
  /** The path of a file, from the root of the service. */
  pathTo(name: string): string;
}

const folders = ['board', 'client'];

const types: ReadonlyMap<string, string> = new Map([
  ['css', 'text/css; charset=utf-8'],
  ['js', 'text/javascript; charset=utf-8'],
  ['svg', 'image/svg+xml'],
]);

/** The built files, whether this module was built or not: browsers read no TypeScript. */
const built = new URL('../../dist/web/', import.meta.url);

/** Reads every file once; a name outside of them never reaches the file system. */
export function readAssets(): Assets {
  const assets = new Map(folders.flatMap(readFolder));
  const hash = createHash('sha256');
  for (const [name, { bytes }] of assets) hash.update(`${name} ${bytes.byteLength} `).update(bytes);
  const version = hash.digest('hex').slice(0, 12);
  return {
    version,
    names: [...assets.keys()],
    find: (name) => assets.get(name),
    pathTo: (name) => `/assets/${version}/${name}`,
  };
}

function readFolder(folder: string): [string, Asset][] {
  const names = readdirSync(new URL(folder, built)).toSorted();
  return names.flatMap((name): [string, Asset][] => {
    const ending = name.slice(name.lastIndexOf('.') + 1);
    const type = types.get(ending);
    if (type === undefined) return [];
    const text = readFileSync(new URL(`${folder}/${name}`, built), 'utf8');
    const compacted = ending === 'css' ? compactStyles(text) : compact(text);
    return [[`${folder}/${name}`, { type, bytes: new TextEncoder().encode(compacted) }]];
  });
}

/**
 * Leaves out what only a reader of the source needs: indentation, comments of styles, and the name of a source map, which
 * is not served. No file has a text that spans lines.
 */
function compact(text: string): string {
  return text.replaceAll(/\/\*.*?\*\/|^\/\/# sourceMappingURL=.*$/gms, '').replaceAll(/\n\s*/g, '\n');
}

/** No selector has a space after a colon, and no text a brace or a semicolon. */
function compactStyles(text: string): string {
  return compact(text)
    .replaceAll(/\s*([{};])\s*/g, '$1')
    .replaceAll(/: /g, ':');
}
