import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A Lua script; the top of its file documents KEYS, ARGV and the reply. */
export interface Script {
  /** Of its file, without the ending. */
  readonly name: string;
  readonly text: string;
  /** By which EVALSHA knows it, in hexadecimal. */
  readonly sha1: string;
}

/** Reads a script beside the importing module, as in `loadScript(new URL('./apply.lua', import.meta.url))`. */
export function loadScript(url: URL): Script {
  const path = fileURLToPath(url);
  const text = readFileSync(path, 'utf8');
  const sha1 = createHash('sha1').update(text).digest('hex');
  return { name: basename(path, '.lua'), text, sha1 };
}
