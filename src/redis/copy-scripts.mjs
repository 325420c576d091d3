import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Copies the Lua scripts of one directory to another, each to the same place: the compiler leaves them behind. */
const [from, to] = process.argv.slice(2);
const scripts = readdirSync(from, { recursive: true }).filter((name) => name.endsWith('.lua'));
for (const name of scripts) cpSync(join(from, name), join(to, name));
