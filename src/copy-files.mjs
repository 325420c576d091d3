import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Copies what the compiler leaves behind from one directory to another, each file to the same place. */
const [from, to] = process.argv.slice(2);
const files = readdirSync(from, { recursive: true }).filter((name) => /[.](?:lua|css|svg)$/.test(name));
for (const name of files) cpSync(join(from, name), join(to, name));
