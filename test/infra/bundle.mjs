import { readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

export const root = process.cwd();
export const platform = path.join(root, '.sst/platform');
/** Packages of the platform, at the versions that a deployment uses. */
export const requirePlatform = createRequire(path.join(platform, 'package.json'));

/** Left to Node, as the command line of SST leaves them. */
const external = [
  '@pulumi/*',
  '@pulumiverse/*',
  '@sst-provider/*',
  '@aws-sdk/*',
  'undici',
  'esbuild',
  'archiver',
  'glob',
  'vite',
];

const nodeGlobals = [
  "import { createRequire as createRequireHere } from 'node:module';",
  "import { fileURLToPath as toPath } from 'node:url';",
  'const require = createRequireHere(import.meta.url);',
  'const __filename = toPath(import.meta.url), __dirname = toPath(new URL(".", import.meta.url));',
].join('\n');

/**
 * Bundles TypeScript the way that the command line of SST does, and imports it. `globals` goes in front of every file
 * of this project; `edits` replaces text in them.
 */
export async function importBundled(code, { head = '', globals = '', define = {}, inject = [], edits = [] }) {
  const outfile = path.join(platform, `evaluated-${process.pid}-${Math.random().toString(36).slice(2)}.mjs`);
  await requirePlatform('esbuild').build({
    stdin: { contents: code, resolveDir: root, sourcefile: 'program.ts', loader: 'ts' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    mainFields: ['module', 'main'],
    nodePaths: [path.join(platform, 'node_modules')],
    banner: { js: `${nodeGlobals}\n${head}` },
    logLevel: 'error',
    external,
    define,
    inject,
    outfile,
    plugins: [projectFiles(globals, edits)],
  });
  try {
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(outfile);
  }
}

function projectFiles(globals, edits) {
  const own = (file) => !file.startsWith(platform) && !file.includes('node_modules');
  return {
    name: 'project files',
    setup: (build) =>
      build.onLoad({ filter: /\.ts$/ }, ({ path: file }) =>
        own(file) ? { contents: `${globals}\n${edited(file, edits)}`, loader: 'ts' } : undefined,
      ),
  };
}

function edited(file, edits) {
  let text = readFileSync(file, 'utf8');
  for (const { from, to } of edits.filter((edit) => path.join(root, edit.file) === file)) {
    if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
    text = text.replace(from, to);
  }
  return text;
}
