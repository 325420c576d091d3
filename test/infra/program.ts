import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** What a deployment would make, as sst.config.ts asked for it. */
export interface Program {
  readonly app: { readonly removal: string; readonly protect: boolean };
  readonly resources: readonly Resource[];
}

export interface Resource {
  readonly type: string;
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly retained: boolean;
  readonly ignoreChanges: readonly string[];
  readonly dependsOn: readonly string[];
}

export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** Evaluates the infrastructure of a stage, in a process of its own: Pulumi has one program for each. */
export async function evaluate(
  stage: string,
  { env = {}, edits = [] }: { env?: Readonly<Record<string, string>>; edits?: readonly Edit[] } = {},
): Promise<Program> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--no-warnings', 'test/infra/evaluate.mjs', stage, JSON.stringify(edits)],
    { env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env }, maxBuffer: MAX_OUTPUT_BYTES },
  );
  return withoutSecretMarks(JSON.parse(stdout.slice(stdout.indexOf('{"app"')))) as Program;
}

/** The key by which Pulumi marks a wrapped value, and a secret one among them. */
const MARK = '4dabf18193072939515e22adb298388d';

function withoutSecretMarks(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecretMarks);
  if (typeof value !== 'object' || value === null) return value;
  if (MARK in value) return withoutSecretMarks((value as { value?: unknown }).value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutSecretMarks(item)]));
}

/** All resources of a type, such as `aws:rds/instance:Instance`. */
export function allOf({ resources }: Program, type: string): readonly Resource[] {
  return resources.filter((resource) => resource.type === type);
}

/** The one resource of a type, or of a type and name. Throws an Error when there are none or several. */
export function oneOf(program: Program, type: string, name?: string): Resource {
  const found = allOf(program, type).filter((resource) => name === undefined || resource.name === name);
  const [only] = found;
  if (only === undefined || found.length > 1) {
    throw new Error(`expected one ${type} ${name ?? ''}, and there are ${found.length}`);
  }
  return only;
}
